package configs

import (
	"reflect"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// number fills a whole number or one with a fraction, within the limits of its
// tag. It is false when the node is no such number.
func (d decoder) number(v reflect.Value, n ast.Node, p place, tag reflect.StructTag) bool {
	switch n.(type) {
	case *ast.IntegerNode:
	case *ast.FloatNode:
		if v.Kind() == reflect.Int {
			return false
		}
	default:
		return false
	}
	value, err := strconv.ParseFloat(written(n), 64)
	whole := float64(int32(value)) == value
	if err != nil || v.Kind() == reflect.Int && !whole {
		return false
	}
	least, noLeast := strconv.ParseFloat(tag.Get("min"), 64)
	most, noMost := strconv.ParseFloat(tag.Get("max"), 64)
	if noLeast == nil && value < least || noMost == nil && value > most {
		d.wrongNode(n, p, Fault{
			What: say("%s 超出范围", "%s is out of range", written(n)),
			Want: say("%s 到 %s", "%s to %s", tag.Get("min"), tag.Get("max")),
		})
		return true
	}
	if v.Kind() == reflect.Int {
		v.SetInt(int64(value))
	} else {
		v.SetFloat(value)
	}
	return true
}
