package routing

import "slices"

// Jurisdiction returns the unit that is to handle a matter of these places
// (吉民发〔2022〕2号 二(二)3): one county's is the county's own; one of several
// counties in a city is the city's; one of several cities, or of a place that
// is not in the table and so taken to be outside the province, is the
// province's. It is false when no place is named.
//
// Two kinds of place are not as their codes say:
//
//   - 梅河口 (Duty 220000) is a county and handles its own matters, but the
//     province addresses it directly. 通化, under which its code stands, does
//     not command it, so what it shares with 通化's counties is the province's.
//     Wherever Duty is set, it and not Parent is the unit above.
//   - The notice addresses 长白山管委会 beside the cities and none of its parts;
//     they are no counties, which is seen by their having no code of GB/T 2260.
//     A matter of one part is the committee's as is one of several. What it
//     shares with 安图 or 抚松, whose land it is by code, is the province's.
func (r Regions) Jurisdiction(places []string) (Region, bool) {
	province, ok := r.byCode[r.root]
	if !ok || len(places) == 0 {
		return Region{}, false
	}
	common := r.authorities(places[0])
	for _, place := range places[1:] {
		line := r.authorities(place)
		common = slices.DeleteFunc(common, func(code string) bool { return !slices.Contains(line, code) })
	}
	if len(common) == 0 {
		return province, true
	}
	return r.byCode[common[0]], true
}

// authorities are the codes of the units that can handle a matter of a place,
// nearest first: itself and those above it by duty, without those that are
// neither in the standard nor directly below the province.
func (r Regions) authorities(place string) []string {
	var line []string
	region, ok := r.byCode[place]
	for range len(r.byCode) { // a circle ends too
		if !ok {
			break
		}
		above := region.Parent
		if region.Duty != "" && region.Duty != region.Code {
			above = region.Duty
		}
		standard := len(region.Code) == 6 && Digits(region.Code)
		if standard || above == r.root || region.Code == r.root {
			line = append(line, region.Code)
		}
		region, ok = r.byCode[above]
	}
	return line
}
