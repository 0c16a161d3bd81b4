package call

import (
	"slices"
	"strings"
	"time"
)

// FilingRules say how an emergency is asked for and written down: data, from
// configs/filings.yaml. The zero value is [DefaultFilingRules].
type FilingRules struct {
	// Key is what a seat types on its phone during the talk to ask for 110, and
	// KeyGap the longest pause between two of its digits.
	Key    string
	KeyGap time.Duration
	// Other is the category of what is none of the others, and of an emergency
	// whose category nobody has named yet.
	Other      string
	Categories []FilingCategory
	// Items are the words of the nine situations that must be reported
	// (侵害未成年人案件强制报告意见), by number.
	Items map[int]string
	// Rows are the lines of the hand-over sheet that come from the seat's form.
	Rows []SheetRow
}

// FilingCategory is one kind of emergency.
type FilingCategory struct {
	Name string
	// Also are other words for the same, as seats write them.
	Also []string
	// Items are the numbers of the mandatory-report items that it falls under.
	Items []int
}

// SheetRow is one line of the hand-over sheet: the field of the seat's form
// that it comes from, and its words.
type SheetRow struct{ Field, Title string }

// DefaultFilingRules are those where the configuration says nothing: the four
// categories of 吉民发〔2022〕2号 二(二)1.
func DefaultFilingRules() FilingRules {
	return FilingRules{
		Key: "*110", KeyGap: 3 * time.Second, Other: "其他",
		Categories: []FilingCategory{
			{Name: "遗弃", Items: []int{6}},
			{Name: "性侵", Items: []int{1, 2, 3}},
			{Name: "虐待", Items: []int{4, 5}},
			{Name: "暴力侵害", Items: []int{4, 5, 9}},
			{Name: "其他", Items: []int{9}},
		},
	}
}

// filing are the rules of filings in this configuration.
func (g *Guide) filing() FilingRules { return g.Filings.orDefault() }

func (r FilingRules) orDefault() FilingRules {
	if r.Key == "" {
		return DefaultFilingRules()
	}
	return r
}

// Category finds the category that somebody means by a word: its name, or one
// of the other words for it. Without one there is the nearest, empty when the
// word has nothing in common with any.
func (r FilingRules) Category(said string) (found FilingCategory, nearest string, known bool) {
	r = r.orDefault()
	said = strings.TrimSpace(said)
	most := 0
	for _, c := range r.Categories {
		for _, word := range append([]string{c.Name}, c.Also...) {
			if word == said {
				return c, c.Name, true
			}
			if n := inCommon(word, said); n > most {
				most, nearest = n, c.Name
			}
		}
	}
	return FilingCategory{}, nearest, false
}

// ItemsOf are the mandatory-report items of a category, by its name.
func (r FilingRules) ItemsOf(category string) []int {
	found, _, _ := r.Category(category)
	return found.Items
}

// SheetRows are the lines of the hand-over sheet that come from the form.
func (r FilingRules) SheetRows() []SheetRow {
	if len(r.Rows) > 0 {
		return r.Rows
	}
	return []SheetRow{
		{"where", "具体位置"},
		{"age", "年龄"},
		{"sex", "性别"},
		{"what", "正在发生什么"},
		{"suspect", "侵害人"},
		{"suspect_near", "侵害人是否在旁"},
		{"injury", "受伤情况"},
		{"can_talk", "孩子能否安全说话"},
	}
}

// Names are the names of all categories, in their order.
func (r FilingRules) Names() []string {
	var names []string
	for _, c := range r.orDefault().Categories {
		names = append(names, c.Name)
	}
	return names
}

// inCommon counts the characters of a word that are in the other, too.
func inCommon(word, other string) int {
	n := 0
	for _, c := range word {
		if strings.ContainsRune(other, c) {
			n++
		}
	}
	return n
}

// filedAs is the category under which an emergency is filed, and what is
// wrong with what the seat has said: the police are called all the same.
func (r FilingRules) filedAs(said string) (category, notice string) {
	found, near, known := r.Category(said)
	switch {
	case known:
		return found.Name, ""
	case strings.TrimSpace(said) == "":
		return r.Other, "类别还没有选，先按“" + r.Other + "”报备，请更正"
	case near == "":
		return r.Other, "没有“" + said + "”这个类别，先按“" + r.Other + "”报备，请更正为：" + strings.Join(r.Names(), "、")
	}
	return r.Other, "没有“" + said + "”这个类别，先按“" + r.Other + "”报备；最接近的是“" + near + "”，请更正"
}

// placeWords is the name of a place with the units above it, the greatest first:
// 吉林省延边朝鲜族自治州珲春市. Empty for a place that is not known.
func (g *Guide) placeWords(code string) string {
	var names []string
	for region, ok := g.Regions.Find(code); ok && len(names) < 5; region, ok = g.Regions.Find(region.Parent) {
		names = append(names, region.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, "")
}
