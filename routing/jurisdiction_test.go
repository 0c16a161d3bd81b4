package routing

import "testing"

func TestAMatterBelongsToTheLowestUnitThatHasAllItsPlaces(t *testing.T) {
	t.Parallel()
	r := NewRegions(append(jilin().All(),
		Region{Code: "220521", Parent: "220500"}, Region{Code: "220523", Parent: "220500"}, Region{Code: "222426", Parent: "222400", Duty: "222426"},
		Region{Code: "baishan", Parent: "220000"}, Region{Code: "baishan-chibei", Parent: "baishan"}, Region{Code: "baishan-chixi", Parent: "baishan"},
	))
	for _, row := range []struct {
		name   string
		places []string
		want   string
	}{
		{"one county", []string{"220521"}, "220521"},
		{"one county said twice", []string{"220521", "220521"}, "220521"},
		{"two counties of a city", []string{"220521", "220523"}, "220500"},
		{"a county and its city", []string{"220521", "220500"}, "220500"},
		{"a city", []string{"220500"}, "220500"},
		{"two cities", []string{"220521", "222404"}, "220000"},
		{"the province", []string{"220000"}, "220000"},
		{"a county and the province", []string{"220521", "220000"}, "220000"},
		{"another province", []string{"110000"}, "220000"},
		{"a county and another province", []string{"220521", "110000"}, "220000"},
		{"another province and a county", []string{"110000", "220521"}, "220000"},
		{"a place that is not said", []string{""}, "220000"},
		{"梅河口 alone", []string{"220581"}, "220581"},
		{"梅河口 and a county of 通化", []string{"220581", "220521"}, "220000"},
		{"梅河口 and 通化", []string{"220500", "220581"}, "220000"},
		{"a county with a post of its own", []string{"222426", "222404"}, "222400"},
		{"a part of 长白山", []string{"baishan-chibei"}, "baishan"},
		{"two parts of 长白山", []string{"baishan-chibei", "baishan-chixi"}, "baishan"},
		{"长白山 and a part of it", []string{"baishan-chibei", "baishan"}, "baishan"},
		{"a part of 长白山 and 安图", []string{"baishan-chibei", "222426"}, "220000"},
	} {
		if got, ok := r.Jurisdiction(row.places); !ok || got.Code != row.want {
			t.Errorf("%s: %s, want %s", row.name, got.Code, row.want)
		}
	}
}

func TestNoPlaceIsNobodysMatter(t *testing.T) {
	t.Parallel()
	if got, ok := jilin().Jurisdiction(nil); ok {
		t.Errorf("no place is %s's", got.Code)
	}
	if got, ok := (Regions{}).Jurisdiction([]string{"220100"}); ok {
		t.Errorf("an empty table gives %s", got.Code)
	}
}

func TestPlacesInACircleAreTheProvinces(t *testing.T) {
	t.Parallel()
	r := NewRegions([]Region{{Code: "220000"}, {Code: "a", Parent: "b"}, {Code: "b", Parent: "a"}})
	if got, ok := r.Jurisdiction([]string{"a", "b"}); !ok || got.Code != "220000" {
		t.Errorf("%s %v", got.Code, ok)
	}
}
