package routing

import (
	"cmp"
	"slices"
	"strings"
)

// Region is one node of the province's tree: the province, a prefecture-level
// city, a county-level unit, or a node outside GB/T 2260 such as 长白山.
type Region struct {
	// Code is the six-digit code of GB/T 2260 ("222404"), or an own id where
	// the standard has none.
	Code string
	// Name is what people say and see: "珲春市".
	Name string
	// Parent is the code of the unit above in the table of codes; empty for
	// the province.
	Parent string
	// Duty is the code of the unit whose duty post answers for this one when
	// that is not the region itself; 梅河口 is addressed by the province
	// although its code stands under 通化.
	Duty string
	// AreaCode is the telephone area code with its leading zero: "0433".
	AreaCode string
	// Police holds direct numbers of this place's police centre, second to
	// dialling area code + 110.
	Police []string
	// Trunks are the line groups that carry this city's calls only.
	Trunks []string
	// Neighbours are the codes of the cities whose seats help first.
	Neighbours []string
	// Languages are the languages of the greeting in order; "zh" is assumed
	// when the list is empty.
	Languages []string
}

// Regions is the whole table. The zero value is empty and finds nothing.
type Regions struct {
	byCode map[string]Region
	root   string
}

// NewRegions makes a table from its rows. Rows with the same code: the last
// one wins; the reader of the configuration refuses such a file before.
func NewRegions(rows []Region) Regions {
	r := Regions{byCode: make(map[string]Region, len(rows))}
	for _, row := range rows {
		r.byCode[row.Code] = row
		if row.Parent == "" {
			r.root = row.Code
		}
	}
	return r
}

// Find returns the region with that code.
func (r Regions) Find(code string) (Region, bool) {
	region, ok := r.byCode[code]
	return region, ok
}

// All returns every region ordered by code.
func (r Regions) All() []Region {
	all := make([]Region, 0, len(r.byCode))
	for _, region := range r.byCode {
		all = append(all, region)
	}
	slices.SortFunc(all, func(a, b Region) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// Root is the province's own code.
func (r Regions) Root() string { return r.root }

// City returns the prefecture-level unit that a place belongs to: itself when
// it is one, its ancestor below the province otherwise. The province is its
// own city.
func (r Regions) City(code string) (Region, bool) {
	region, ok := r.byCode[code]
	for ok && region.Parent != "" && region.Parent != r.root {
		region, ok = r.byCode[region.Parent]
	}
	return region, ok
}

// Cities are the units that calls belong to: the prefecture-level ones, and
// the province itself, ordered by code.
func (r Regions) Cities() []Region {
	return slices.DeleteFunc(r.All(), func(region Region) bool { return region.Parent != "" && region.Parent != r.root })
}

// ByAreaCode returns the prefecture-level unit with that telephone area code.
func (r Regions) ByAreaCode(areaCode string) (Region, bool) {
	for _, region := range r.All() {
		if region.AreaCode == areaCode && region.Parent == r.root {
			return region, true
		}
	}
	return Region{}, false
}

// Origin is how a call came in, as far as it says where.
type Origin struct {
	// Trunk is the line group, Header the region's code that the city's own
	// exchange has sent along.
	Trunk, Header string
	Dialled       string
}

// OfCall is the city that a call belongs to: that of its trunk, else of its
// header, else of the number dialled, else home. The caller's own number says
// nothing: a mobile's home is not where it is. The check says what told.
func (r Regions) OfCall(o Origin, home string) (city string, how Check) {
	how = Check{Fact: FactOrigin, Held: true}
	for _, region := range r.All() {
		if o.Trunk != "" && slices.Contains(region.Trunks, o.Trunk) {
			how.Rule, how.Want, how.Got = "trunk", o.Trunk, region.Code
			return region.Code, how
		}
	}
	if region, ok := r.City(o.Header); ok {
		how.Rule, how.Want, how.Got = "header", o.Header, region.Code
		return region.Code, how
	}
	if region, ok := r.OfNumber(o.Dialled); ok {
		how.Rule, how.Want, how.Got = "dialled", o.Dialled, region.Code
		return region.Code, how
	}
	how.Rule, how.Got = "home", home
	return home, how
}

// OfNumber finds the city whose line was dialled: "043312345" is Yanbian's.
func (r Regions) OfNumber(dialled string) (Region, bool) {
	for _, length := range []int{4, 3} {
		if len(dialled) > length && strings.HasPrefix(dialled, "0") {
			if region, ok := r.ByAreaCode(dialled[:length]); ok {
				return region, true
			}
		}
	}
	return Region{}, false
}

// above is a place and the units above it up to the province. A table whose
// parents form a circle is refused when it is read; here it only ends.
func (r Regions) above(place string) []Region {
	var line []Region
	for region, ok := r.byCode[place]; ok && len(line) < len(r.byCode); region, ok = r.byCode[region.Parent] {
		line = append(line, region)
	}
	return line
}

// PoliceRoutes lists what to dial for the police of a place, best first: area
// code + 110, then the direct numbers of that place and of the units above it
// up to the province. Dialling plain 110 would reach the police of the line's
// own place and not of the child's, so it is never in the list.
func (r Regions) PoliceRoutes(place string) []string {
	var routes []string
	add := func(number string) {
		if number != "" && !slices.Contains(routes, number) {
			routes = append(routes, number)
		}
	}
	byArea := false
	for _, region := range r.above(place) {
		if region.AreaCode != "" && !byArea {
			byArea = true
			routes = slices.Insert(routes, 0, region.AreaCode+"110")
		}
		for _, number := range region.Police {
			add(number)
		}
	}
	return routes
}
