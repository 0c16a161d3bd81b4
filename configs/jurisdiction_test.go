package configs

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"weibao/routing"
)

// unit is what must hold of one county-level unit or part of 长白山, told from
// the typed table of units and the two exceptions, not from regions.yaml.
type unit struct {
	code, city, area string
	// duty is the region whose post answers, alone the one that handles a
	// matter of this place only, and shared the one below the province that
	// handles what it shares with others below it; 梅河口 has none.
	duty, alone, shared string
	police              []string
}

const province, committee, meihekou = "220000", "changbaishan", "220581"

func jilinUnits() []unit {
	table := units()
	var all []unit
	for _, key := range slices.Sorted(maps.Keys(table)) {
		city, area, _ := strings.Cut(key, " ")
		direct := area + "5550110" // 7 digits; 长春 and 吉林 have 8
		if area == "0431" || area == "0432" {
			direct = area + "55550110"
		}
		for _, code := range table[key] {
			u := unit{code: code, city: city, area: area, duty: city, alone: code, shared: city}
			u.police = []string{area + "110", direct, "043155550100"}
			if ownPost(city, code) {
				u.duty = code
			}
			if code == meihekou { // the province addresses it directly
				u.duty, u.shared = province, province
			}
			all = append(all, u)
		}
	}
	part := unit{city: committee, duty: committee, alone: committee, shared: committee}
	for _, row := range []struct {
		code, area string
		police     []string
	}{
		{"changbaishan-chibei", "0433", []string{"0433110", "04335550119", "0439110", "043155550100"}},
		{"changbaishan-chixi", "0439", []string{"0439110", "04395550119", "0433110", "04335550119", "043155550100"}},
		{"changbaishan-chinan", "0439", []string{"0439110", "04395550119", "0433110", "04335550119", "043155550100"}},
	} {
		part.code, part.area, part.police = row.code, row.area, row.police
		all = append(all, part)
	}
	return all
}

// ownPost reports a unit with a duty post of its own: every county and
// county-level city, which Yanbian's are all, and the two districts far from
// Changchun's middle. The other districts are their city's.
func ownPost(city, code string) bool {
	return city == "222400" || code[4:] > "20" || code == "220112" || code == "220113"
}

func TestEveryUnitOfJilinHasItsCityAreaCodePoliceAndDutyPost(t *testing.T) {
	t.Parallel()
	g := shippedSnapshot(t).Guide
	all := jilinUnits()
	if len(all) != 60+3 {
		t.Fatalf("%d units, want 60 and the 3 parts of 长白山", len(all))
	}
	for _, u := range all {
		region, _ := g.Regions.Find(u.code)
		if city, ok := g.Regions.City(u.code); !ok || city.Code != u.city || region.AreaCode != u.area {
			t.Errorf("%s %s is in %s with %q, want %s with %q", u.code, region.Name, city.Code, region.AreaCode, u.city, u.area)
		}
		if got := g.Regions.PoliceRoutes(u.code); !slices.Equal(got, u.police) {
			t.Errorf("%s %s: police %v, want %v", u.code, region.Name, got, u.police)
		}
		if duty, on := g.Rotas.On(g.Regions, u.code, time.Time{}); !on || duty.Post != u.duty {
			t.Errorf("%s %s: duty post %s, want %s", u.code, region.Name, duty.Post, u.duty)
		}
	}
}

func TestEveryUnitOfJilinAloneAndWithEveryOtherHasItsJurisdiction(t *testing.T) {
	t.Parallel()
	r := shippedSnapshot(t).Guide.Regions
	belongs := func(want string, places ...string) {
		t.Helper()
		if got, ok := r.Jurisdiction(places); !ok || got.Code != want {
			t.Errorf("%v: %s %s, want %s", places, got.Code, got.Name, want)
		}
	}
	all := jilinUnits()
	for _, u := range all {
		belongs(u.alone, u.code)
		belongs(u.alone, u.code, u.code)
		belongs(u.shared, u.code, u.city)
		belongs(province, u.code, province)
		belongs(province, u.code, "110105") // 北京市朝阳区
		belongs(province, "110105", u.code)
		for _, other := range all {
			want := province
			switch {
			case other.code == u.code:
				want = u.alone
			case other.shared == u.shared:
				want = u.shared
			}
			belongs(want, u.code, other.code)
		}
	}
}

func TestMeihekouAndChangbaishanAreAsTheNoticeHasThem(t *testing.T) {
	t.Parallel()
	r := shippedSnapshot(t).Guide.Regions
	for _, row := range []struct{ places, want string }{
		{"220581", "220581"},                                        // 梅河口
		{"220581 220523", "220000"},                                 // 梅河口 and 辉南 of 通化
		{"220581 220500", "220000"},                                 // 梅河口 and 通化
		{"220523 220524", "220500"},                                 // 辉南 and 柳河
		{"changbaishan", "changbaishan"},                            // the committee
		{"changbaishan-chibei", "changbaishan"},                     // 池北 alone
		{"changbaishan-chixi", "changbaishan"},                      // 池西 alone
		{"changbaishan-chinan changbaishan-chibei", "changbaishan"}, // across two area codes
		{"changbaishan-chibei 222426", "220000"},                    // 池北 and 安图
		{"changbaishan-chixi 220621", "220000"},                     // 池西 and 抚松
		{"changbaishan 222400", "220000"},                           // the committee and 延边
	} {
		if got, ok := r.Jurisdiction(strings.Fields(row.places)); !ok || got.Code != row.want {
			t.Errorf("%s: %s, want %s", row.places, got.Code, row.want)
		}
	}
}

func TestAnAreaCodeHintsAtOneCityInTheShippedTable(t *testing.T) {
	t.Parallel()
	r := shippedSnapshot(t).Guide.Regions
	for key := range units() {
		city, area, _ := strings.Cut(key, " ")
		local := "2512345"
		if area == "0431" || area == "0432" {
			local = "82512345"
		}
		want := routing.Caller{Raw: routing.Number(local), E164: routing.Number("+86" + area[1:] + local), Kind: routing.Landline, AreaCode: area, Hint: city}
		if got := routing.Normalise(local, r, city); got != want {
			t.Errorf("%s: %#v, want %#v", city, got, want)
		}
		want.Raw = want.E164
		if got := routing.Normalise(string(want.E164), r, "220100"); got != want {
			t.Errorf("%s: %#v, want %#v", city, got, want)
		}
	}
}
