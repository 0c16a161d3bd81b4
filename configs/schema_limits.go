package configs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// durationLimits are those of a tag; without them a duration is only not
// negative.
func durationLimits(tag reflect.StructTag) (least, most time.Duration) {
	least, _ = time.ParseDuration(tag.Get("min"))
	most, err := time.ParseDuration(tag.Get("max"))
	if err != nil {
		most = math.MaxInt64
	}
	return least, most
}

// numberSchema is the schema of a number; a whole one has 32 bits.
func numberSchema(t reflect.Type, tag reflect.StructTag) object {
	s := object{{"type", "number"}}
	least, most := tag.Get("min"), tag.Get("max")
	if t.Kind() == reflect.Int {
		s = object{{"type", "integer"}}
		least, most = cmp.Or(least, strconv.Itoa(math.MinInt32)), cmp.Or(most, strconv.Itoa(math.MaxInt32))
	}
	return s.with("minimum", json.Number(least)).with("maximum", json.Number(most)).with("errorMessage", explained(t, tag))
}

// durationPattern matches the durations from least to most. It is exact for a
// whole number of one unit, such as 90s, which is how nearly everybody writes
// them. Sums and fractions, 1m30s and 1.5m, it lets through; the decoder
// judges them.
func durationPattern(least, most time.Duration) string {
	const unit, number = `(?:ms|s|m|h)`, `[0-9]+(?:\.[0-9]*)?`
	forms := []string{`[0-9]+\.[0-9]*` + unit, number + unit + `(?:(?:` + number + `|\.[0-9]+)` + unit + `)+`}
	for _, u := range []struct {
		length time.Duration
		name   string
	}{{time.Millisecond, "ms"}, {time.Second, "s"}, {time.Minute, "m"}, {time.Hour, "h"}} {
		from := int64((least + u.length - 1) / u.length)
		if to := int64(most / u.length); from <= to {
			forms = append(forms, "0*"+numbersPattern(from, to)+u.name)
		}
	}
	return "^(?:" + strings.Join(forms, "|") + ")$"
}

// numbersPattern matches the whole numbers from one to another in decimal
// digits. The range is cut into blocks whose last digits are free, as 10 to
// 260 is into [1-9][0-9], 1[0-9][0-9], 2[0-5][0-9] and 260.
func numbersPattern(from, to int64) string {
	var blocks []string
	for from <= to {
		size, free := int64(1), 0
		for from%(size*10) == 0 && size*10 <= from && size*10-1 <= to-from {
			size, free = size*10, free+1
		}
		digit := from / size % 10
		last := min(9, digit+(to-from+1)/size-1)
		block := ""
		if before := from / size / 10; before > 0 {
			block = strconv.FormatInt(before, 10)
		}
		if block += strconv.FormatInt(digit, 10); last > digit {
			block = fmt.Sprintf("%s[%d-%d]", block[:len(block)-1], digit, last)
		}
		switch free {
		case 0:
		case 1:
			block += "[0-9]"
		default:
			block += fmt.Sprintf("[0-9]{%d}", free)
		}
		blocks = append(blocks, block)
		from += (last - digit + 1) * size
	}
	return "(?:" + strings.Join(blocks, "|") + ")"
}
