package configs

import (
	"slices"
	"strings"

	"weibao/routing"
)

// regionsFile is the shape of regions.yaml.
type regionsFile struct {
	// Home is the region of a call that says nothing of its own.
	Home string `yaml:"home" need:"yes" zh:"来电没有说明从哪条线来时，算作哪个区域的（写代码）"`
	// Regions are the province, its prefectures, its county-level units, and
	// nodes outside GB/T 2260.
	Regions []regionShape `yaml:"regions" need:"yes" zh:"全部区域：省、市（州）、县（市、区），以及国标没有代码的地方"`
}

// regionShape is one region.
type regionShape struct {
	// Code is the six-digit code of GB/T 2260, or an own name.
	Code code `yaml:"code" need:"yes" zh:"行政区划代码；国标没有的用自己的名字"`
	// Name is what people say and see.
	Name string `yaml:"name" need:"yes" zh:"名称，屏幕上和话里怎么叫"`
	// Parent is the code of the unit above. Only the province has none.
	Parent string `yaml:"parent" zh:"上级的代码；只有省没有上级"`
	// Duty is the code of the unit whose duty post answers for this one.
	// Default: its own post, else its parent's.
	Duty string `yaml:"duty" zh:"由哪个区域的值班岗位负责（写代码）；不写就是自己的，再就是上级的"`
	// AreaCode is the telephone area code. Default: the parent's.
	AreaCode areaCode `yaml:"area_code" zh:"电话区号；不写就用上级的"`
	// Police are direct numbers of this place's police centre, rung when area
	// code + 110 does not answer. Default: none; the parents' follow anyway.
	Police []digits `yaml:"police" zh:"当地警方的直线号码，在“区号 + 110”没人接之后拨；上级的号码会自动跟在后面"`
	// Trunks are the line groups that carry this city's calls only. Default:
	// none; header and number dialled tell.
	Trunks some `yaml:"trunks" zh:"只走本市来电的中继线"`
	// Neighbours are the cities whose seats help first, nearest first; steps
	// to queue:neighbours ask them. Default: none.
	Neighbours some `yaml:"neighbours" zh:"邻近的市（州），坐席先互相支援"`
	// Languages of the greeting in order. Default: the parent's, else zh.
	Languages []language `yaml:"languages" zh:"接待语言，按播放顺序；不写就用上级的，都没写就是汉语"`
}

// regionBook finds regions while the files are checked.
type regionBook struct {
	src    *source
	home   string
	rows   []routing.Region
	places []place        // of the rows in the file
	at     map[string]int // place in rows
	table  routing.Regions
	// unsound is set when the rows are not one tree, so that what is
	// inherited can not be told.
	unsound bool
}

// readRegions checks the file and makes the table with everything that is
// inherited filled in.
func readRegions(src *source) *regionBook {
	var file regionsFile
	src.decode(&file)
	b := &regionBook{src: src, home: file.Home, at: make(map[string]int)}
	for i, shape := range file.Regions {
		p := place{"regions", i}
		if first, twice := b.at[string(shape.Code)]; twice {
			b.unsound = true
			src.wrong(p.with("code"), Fault{What: say("代码 %s 重复，第 %d 行已经有了", "the code %s is there twice, first in line %d", shape.Code, src.at(b.places[first]).Line)})
			continue
		}
		if shape.Code == "" {
			b.unsound = true // a fault already
			continue
		}
		b.at[string(shape.Code)] = len(b.rows)
		b.rows = append(b.rows, shape.region())
		b.places = append(b.places, p)
	}
	before := len(src.faults)
	b.tree()
	b.unsound = b.unsound || len(b.rows) == 0 || len(src.faults) > before
	b.inherit()
	b.table = routing.NewRegions(b.rows)
	b.checkNumbers()
	b.known(src, place{"home"}, file.Home)
	b.checkLines()
	return b
}

func (s regionShape) region() routing.Region {
	return routing.Region{
		Code: string(s.Code), Name: s.Name, Parent: s.Parent, Duty: s.Duty, AreaCode: string(s.AreaCode),
		Police: texts(s.Police), Trunks: s.Trunks, Neighbours: s.Neighbours, Languages: texts(s.Languages),
	}
}

// texts are the plain strings of a list of some kind of text.
func texts[T ~string](list []T) []string {
	if len(list) == 0 {
		return nil
	}
	plain := make([]string, len(list))
	for i, t := range list {
		plain[i] = string(t)
	}
	return plain
}

// tree checks that the regions are one tree.
func (b *regionBook) tree() {
	root := -1
	for i, row := range b.rows {
		p := b.places[i]
		switch {
		case row.Parent == "" && root < 0:
			root = i
		case row.Parent == "":
			b.src.wrong(p, Fault{What: say("%s 没有上级（parent）；只有省可以没有", "%s has no parent; only the province may have none", row.Code), Near: b.rows[root].Code})
		default:
			b.known(b.src, p.with("parent"), row.Parent)
		}
		if row.Duty != "" {
			b.known(b.src, p.with("duty"), row.Duty)
		}
		if b.circular(row) {
			b.src.wrong(p.with("parent"), Fault{What: say("%s 的上级绕回了它自己", "the parents of %s lead back to itself", row.Code)})
			b.rows[i].Parent = "" // so that nothing walks round for ever
		}
	}
	if root < 0 && len(b.rows) > 0 {
		b.src.wrong(place{"regions"}, Fault{What: say("没有省：应有一个没有上级（parent）的区域", "there is no province: one region without a parent")})
	}
}

func (b *regionBook) circular(row routing.Region) bool {
	for range len(b.rows) {
		i, ok := b.at[row.Parent]
		if row.Parent == "" || !ok {
			return false
		}
		row = b.rows[i]
	}
	return true
}

// known says whether a region exists; if not, it is a fault at that place.
func (b *regionBook) known(src *source, p place, wanted string) bool {
	if _, ok := b.at[wanted]; ok || len(b.rows) == 0 || wanted == "" {
		return ok
	}
	src.wrong(p, Fault{What: say("没有区域 %s", "there is no region %s", wanted), Near: nearest(wanted, b.codes())})
	return false
}

// codes are all regions in the order of the file.
func (b *regionBook) codes() []string {
	codes := make([]string, len(b.rows))
	for i, row := range b.rows {
		codes[i] = row.Code
	}
	return codes
}

// inherit fills area codes and languages from the units above.
func (b *regionBook) inherit() {
	for i := range b.rows {
		row := &b.rows[i]
		for up, ok := b.at[row.Parent]; ok && (row.AreaCode == "" || len(row.Languages) == 0); up, ok = b.at[b.rows[up].Parent] {
			if row.AreaCode == "" {
				row.AreaCode = b.rows[up].AreaCode
			}
			if len(row.Languages) == 0 {
				row.Languages = b.rows[up].Languages
			}
		}
		if len(row.Languages) == 0 {
			row.Languages = []string{"zh"}
		}
	}
}

// checkNumbers checks that a call for any place finds the police, and that an
// area code says which city it is.
func (b *regionBook) checkNumbers() {
	cities := make(map[string]string)
	for i, row := range b.rows {
		p := b.places[i]
		for n, number := range row.Police {
			if number == "110" {
				b.src.wrong(p.with("police").with(n), Fault{
					What: say("直拨 110 接到的是线路所在地的警方，不是孩子所在地的", "plain 110 reaches the police of the line's place, not of the child's"),
					Want: say("区号 + 110，或警方的直线号码", "area code + 110, or a direct number"),
				})
			}
		}
		if len(b.table.PoliceRoutes(row.Code)) == 0 && !b.unsound && !b.src.faulty(p) {
			b.src.wrong(p, Fault{
				What: say("%s（%s）没有通往 110 的号码", "%s (%s) has no number for 110", row.Name, row.Code),
				Want: say("自己或上级的 area_code 或 police", "an area_code or police of its own or above it"),
			})
		}
		if row.AreaCode == "" || row.Parent == "" || row.Parent != b.table.Root() {
			continue
		}
		if other, taken := cities[row.AreaCode]; taken {
			b.src.wrong(p.with("area_code"), Fault{What: say("区号 %s 已经是 %s 的，来电就分不清是哪个市", "the area code %s is %s's already; a call could not be told apart", row.AreaCode, other)})
		}
		cities[row.AreaCode] = row.Code
	}
}

// checkLines checks that trunks tell one city and that neighbours are others.
func (b *regionBook) checkLines() {
	carries := make(map[string]string)
	for i, row := range b.rows {
		p := b.places[i]
		if (len(row.Trunks) > 0 || len(row.Neighbours) > 0) && b.notCity(row.Code) {
			b.src.wrong(p, Fault{What: say("%s 不是市（州）：trunks 和 neighbours 写在市（州）上", "%s is not a prefecture; trunks and neighbours belong to one", row.Code), Near: b.city(row.Code).Code})
		}
		for n, trunk := range row.Trunks {
			if other, taken := carries[trunk]; taken {
				b.src.wrong(b.src.item(p.with("trunks"), n), Fault{What: say("中继线 %s 已经是 %s 的", "the trunk %s is %s's already", trunk, other)})
			}
			carries[trunk] = row.Code
		}
		for n, near := range row.Neighbours {
			at := b.src.item(p.with("neighbours"), n)
			switch {
			case !b.known(b.src, at, near):
			case near == row.Code:
				b.src.wrong(at, Fault{What: say("%s 不是自己的邻市", "%s is not its own neighbour", near)})
			case b.notCity(near):
				b.src.wrong(at, Fault{What: say("%s 不是市（州）", "%s is not a prefecture", near), Near: b.city(near).Code})
			}
		}
	}
}

// city is the prefecture-level unit of a region.
func (b *regionBook) city(code string) routing.Region {
	city, _ := b.table.City(code)
	return city
}

// notCity says that a region that exists is none of the cities.
func (b *regionBook) notCity(code string) bool { return !b.unsound && b.city(code).Code != code }

// cities are the province and the units directly below it, in the order of
// the file; none when the rows are not one tree.
func (b *regionBook) cities() []routing.Region {
	if b.unsound {
		return nil
	}
	var cities []routing.Region
	for _, row := range b.rows {
		if b.city(row.Code).Code == row.Code {
			cities = append(cities, row)
		}
	}
	return cities
}

// placeholder in the name of a prompt stands for the caller's city.
const placeholder = "<region>"

func of(city routing.Region, name string) string {
	return strings.ReplaceAll(name, placeholder, city.Code)
}

// languages are those that any region speaks, Chinese first.
func (b *regionBook) languages() []string {
	all := []string{"zh"}
	for _, row := range b.rows {
		for _, lang := range row.Languages {
			if !slices.Contains(all, lang) {
				all = append(all, lang)
			}
		}
	}
	return all
}
