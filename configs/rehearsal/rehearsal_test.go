package rehearsal

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/configs"
	"weibao/routing"
)

// evening is when the calls of the tests come: a Sunday, on which the night
// shift of Yanbian has begun.
var evening = time.Date(2026, 11, 22, 21, 0, 0, 0, routing.Beijing())

// edit changes a file of the small province.
type edit struct{ file, old, new string }

// jilin reads the small province with some edits.
func jilin(t testing.TB, edits ...edit) *configs.Snapshot {
	t.Helper()
	files := make(fstest.MapFS)
	for _, from := range []struct {
		files fs.FS
		only  string
	}{{os.DirFS("testdata/jilin"), ""}, {configs.Shipped(), "holidays/"}} {
		err := fs.WalkDir(from.files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasPrefix(name, from.only) {
				return err
			}
			data, err := fs.ReadFile(from.files, name)
			files[name] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range edits {
		text := string(files[e.file].Data)
		if strings.Count(text, e.old) != 1 {
			t.Fatalf("%s has %q %d times", e.file, e.old, strings.Count(text, e.old))
		}
		files[e.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, e.old, e.new, 1))}
	}
	snapshot, faults := configs.Read(files, evening)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return snapshot
}

func compare(t testing.TB, lang string, edits ...edit) *Comparison {
	t.Helper()
	return Compare(NewRules(jilin(t), routing.Overrides{}, lang), NewRules(jilin(t, edits...), routing.Overrides{}, lang), lang)
}

// told are the differences of a call, each with its mark.
func told(o Outcome) []string {
	var lines []string
	for _, d := range o.Differences {
		mark := map[Effect]string{Worse: "✗", Neutral: "·", Better: "✓"}[d.Effect]
		lines = append(lines, mark+" "+string(d.Kind)+" "+d.Say)
	}
	return lines
}

// A call of Yanbian in which key 6 was pressed.
func yanbian() Arrival {
	return Arrival{
		ID: "01A", At: evening, Caller: "13812345678", Region: "222400", Origin: routing.Origin{Dialled: "12345", Header: "222400"},
		Keys: "6", Intent: "minors",
	}
}

// A call of Changchun in which nothing was pressed.
func changchun() Arrival {
	return Arrival{ID: "01B", At: evening, Region: "220100", Origin: routing.Origin{Dialled: "12345"}, Intent: "general", Missed: "silence"}
}

func answered(a Arrival, by Answer) Arrival { a.Answer = by; return a }

func TestEveryChangeIsToldForWhatItMeansToTheCaller(t *testing.T) {
	t.Parallel()
	const steps = "    - {to: queue:region}\n    - {to: queue:province, after: 20s}\n    - {to: duty:region, after: 40s}\n"
	byProvince := Answer{Agent: "1015", Queue: "province", After: 25 * time.Second}
	korean := yanbian()
	korean.Keys = "7"
	hunchun := yanbian()
	hunchun.Places = []string{"222404"}
	for _, row := range []struct {
		name  string
		edits []edit
		a     Arrival
		want  []string
	}{
		{"nothing", nil, answered(yanbian(), byProvince), nil},
		{"the name of a queue", []edit{{"queues.yaml", "title: 省级坐席", "title: 省队"}}, yanbian(), nil},
		{"a seat has left", []edit{{"agents.yaml", "  - {id: \"1002\", name: 刘洋, region: \"220100\", queues: changchun}\n", ""}}, changchun(), nil},
		{
			"the seats of a queue have other ids",
			[]edit{{"agents.yaml", `id: "1015"`, `id: "1115"`}, {"agents.yaml", `id: "1016"`, `id: "1116"`}},
			answered(yanbian(), byProvince), nil,
		},
		{
			"an outside number comes first",
			[]edit{{"plan.yaml", steps, "    - {to: queue:region}\n    - {to: queue:province, after: 20s}\n    - {to: number:12355, after: 40s}\n    - {to: duty:region, after: 40s}\n"}, {"plan.yaml", "plan:\n", "numbers: [\"12355\"]\nplan:\n"}},
			changchun(),
			[]string{
				"· duty 值班电话：原来长春未保中心 2 个号码（139****0431、139****0431），现在外线 3 个号码（12355、139****0431、139****0431）",
			},
		},
		{"a step is delayed", []edit{{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 35s"}}, yanbian(), []string{
			"✗ seats 省级坐席：原来 20 秒后找，现在 35 秒后找",
		}},
		{"a step is delayed beyond the answer", []edit{{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 35s"}}, answered(yanbian(), byProvince), []string{
			"✗ seats 省级坐席：原来 20 秒后找，现在 35 秒后找",
			"✗ answer 当时坐席 1015（省级坐席）在 25 秒后接起，现在 35 秒后找",
		}},
		{
			"a step is delayed, and the answer came while no other seat was there",
			[]edit{{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 35s"}},
			answered(yanbian(), Answer{Agent: "1015", Queue: "province", After: 4 * time.Second}),
			[]string{"✗ seats 省级坐席：原来 20 秒后找，现在 35 秒后找"},
		},
		{"a step comes earlier", []edit{{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 5s"}}, yanbian(), []string{
			"✓ seats 省级坐席：原来 20 秒后找，现在 5 秒后找",
		}},
		{"the telephones come later", []edit{{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 1m"}}, yanbian(), []string{
			"✗ wait_busy 最长等待（坐席都忙时）：第一个值班电话原来 40 秒后响，现在 1 分钟后响",
		}},
		{"the telephones come earlier", []edit{{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 30s"}}, yanbian(), []string{
			"✓ wait_busy 最长等待（坐席都忙时）：第一个值班电话原来 40 秒后响，现在 30 秒后响",
		}},
		{
			"a telephone that rings first makes callers wait for the second with no seat there",
			[]edit{{"plan.yaml", steps, "    - {to: queue:region}\n    - {to: duty:region}\n    - {to: queue:province, after: 20s}\n    - {to: duty:220000, after: 40s}\n"}},
			yanbian(),
			[]string{
				"✓ wait_busy 最长等待（坐席都忙时）：第一个值班电话原来 40 秒后响，现在马上响",
				"✓ duty 值班电话：原来延边未保中心 4 个号码（139****0434、139****0498、139****0433、139****0499），" +
					"现在延边未保中心 6 个号码（139****0434、139****0498、139****0433、139****0499…）",
			},
		},
		{"a queue is removed", []edit{{"plan.yaml", "    - {to: queue:province, after: 20s}\n", ""}}, answered(yanbian(), byProvince), []string{
			"✗ seats 省级坐席：原来 20 秒后找，现在不找",
			"✗ answer 当时坐席 1015（省级坐席）在 25 秒后接起，现在不找",
		}},
		{
			"as many others are asked in the place of a queue",
			[]edit{{"plan.yaml", "    - {to: queue:province, after: 20s}\n", "    - {to: queue:changchun, after: 20s}\n"}},
			yanbian(),
			[]string{
				"· seats 省级坐席：原来 20 秒后找，现在不找",
				"✓ seats 长春专席：原来不找，现在 20 秒后找",
			},
		},
		{
			"the seats are moved to a queue that is not asked",
			[]edit{
				{"agents.yaml", "高雪, region: \"220000\", queues: [province]", "高雪, region: \"220000\", queues: [supervisors]"},
				{"agents.yaml", "林涛, region: \"220000\", queues: [province]", "林涛, region: \"220000\", queues: [supervisors]"},
				{"agents.yaml", "宋建华, region: \"220000\", role: supervisor, queues: [supervisors]", "宋建华, region: \"220000\", role: supervisor, queues: [supervisors, province]"},
			},
			yanbian(),
			[]string{
				"✗ seats 省级坐席：原来 20 秒后找，现在不找",
				"✓ seats 省级坐席：原来不找，现在 20 秒后找",
			},
		},
		{
			"those who speak Korean are not asked any more",
			[]edit{{"plan.yaml", "        - {to: queue:yanbian, languages: [ko]}\n", "        - {to: queue:changchun}\n"}},
			korean,
			[]string{
				"✗ seats 延边专席（会说朝鲜语的）：原来马上找，现在不找",
				"✓ seats 长春专席：原来不找，现在马上找",
			},
		},
		{"a number of the duty post is removed", []edit{{"rota/posts.yaml", `["13900000431", "13900010431"]`, `["13900000431"]`}}, changchun(), []string{
			"✗ duty 值班电话：原来长春未保中心 2 个号码（139****0431、139****0431），现在长春未保中心 1 个号码（139****0431）",
		}},
		{"an officer has another number", []edit{{"rota/posts.yaml", `"13900000434", `, `"13900000777", `}}, answered(yanbian(), Answer{Number: "13900000434"}), []string{
			"· answer 当时接电话的值班员（139****0434）不会被拨到",
			"· duty 值班电话：原来延边未保中心 4 个号码（139****0434、139****0498、139****0433、139****0499），现在延边未保中心 4 个号码（139****0777、139****0498、139****0433、139****0499）",
		}},
		{"the post of a city gives way to the province", []edit{{"rota/posts.yaml", `  "220100": {name: 长春未保中心, numbers: ["13900000431", "13900010431"]}` + "\n", ""}}, changchun(), []string{
			"✗ duty 值班电话：原来长春未保中心 2 个号码（139****0431、139****0431），现在省未保办 2 个号码（139****2200、139****2201）",
		}},
		{"a number of the police is removed", []edit{{"regions.yaml", `, police: ["04335550110"]`, ""}}, yanbian(), []string{
			"✗ police 延边朝鲜族自治州的 110：原来依次拨0433110、043****0110、043*****0100，现在0433110、043*****0100",
		}},
		{"a number of the police is added", []edit{{"regions.yaml", `police: ["04335550110"]`, `police: ["04335550110", "04335550111"]`}}, yanbian(), []string{
			"✓ police 延边朝鲜族自治州的 110：原来依次拨0433110、043****0110、043*****0100，现在0433110、043****0110、043****0111、043*****0100",
		}},
		{"the place of an emergency has no number of its own any more", []edit{{"regions.yaml", `, police: ["04337550110"]`, ""}}, hunchun, []string{
			"✗ police 珲春市的 110：原来依次拨0433110、043****0110、043****0110、043*****0100，现在0433110、043****0110、043*****0100",
		}},
		{"the place of an emergency is not in the table", []edit{{"regions.yaml", `  - {code: "222404", name: 珲春市, parent: "222400", police: ["04337550110"]}` + "\n", ""}}, hunchun, []string{
			"✗ police 珲春市的 110：原来依次拨0433110、043****0110、043****0110、043*****0100，现在没有号码",
		}},
		{"the province's own number changes", []edit{{"rota/posts.yaml", `numbers: ["13900002200", "13900002201"]`, `numbers: ["13900002201", "13900002200"]`}}, changchun(), []string{
			"✗ filing 报备对口的省值班：原来139****2200、139****2201，现在139****2201、139****2200",
		}},
		{
			"the province's post has people in turns, with fewer numbers",
			[]edit{{
				"rota/posts.yaml", `{name: 省未保办, numbers: ["13900002200", "13900002201"]}`,
				`{name: 省未保办, officers: {wei: {name: 魏东, numbers: ["13900002209"]}}, shifts: [{name: 全天, from: "00:00", to: "24:00", on: wei}]}`,
			}},
			changchun(),
			[]string{"✗ filing 报备对口的省值班：原来139****2200、139****2201，现在139****2209"},
		},
		{
			"the province's post has other people, who have as many numbers",
			[]edit{{
				"rota/posts.yaml", `{name: 省未保办, numbers: ["13900002200", "13900002201"]}`,
				`{name: 省未保办, officers: {wei: {name: 魏东, numbers: ["13900002209", "13900002208"]}}, shifts: [{name: 全天, from: "00:00", to: "24:00", on: wei}]}`,
			}},
			changchun(),
			[]string{"· filing 报备对口的省值班：原来139****2200、139****2201，现在139****2209、139****2208"},
		},
		{
			"key 6 becomes key 8", []edit{{"menus/main.yaml", "      \"6\": {intent: minors}\n      \"7\"", "      \"8\": {intent: minors}\n      \"7\""}}, yanbian(), []string{
				"· keys 按 6：原来是来意 minors，现在是按了菜单里没有的键，来意 general（minors 现在按 7）",
				"· route 路由“未成年人选项” → “全省”",
			},
		},
		{
			"no key means it any more", []edit{
				{"menus/main.yaml", "      \"6\": {intent: minors}\n      \"7\": {intent: minors, language: ko}", "      \"6\": {intent: other}\n      \"7\": {intent: other, language: ko}"},
			}, yanbian(), []string{
				"· keys 按 6：原来是来意 minors，现在是来意 other（菜单里不再有 minors）",
				"· route 路由“未成年人选项” → “全省”",
			},
		},
		{
			"key 6 leads to fewer people", []edit{
				{"menus/main.yaml", "      \"6\": {intent: minors}\n      \"7\"", "      \"6\": {intent: other}\n      \"7\""},
				{"plan.yaml", "    - name: 未成年人选项", "    - name: 别的\n      match: {intent: other}\n      steps: [{to: queue:province}, {to: duty:region, after: 2m}]\n    - name: 未成年人选项"},
			}, yanbian(), []string{
				"· keys 按 6：原来是来意 minors，现在是来意 other（minors 现在按 7）",
				"· route 路由“未成年人选项” → “别的”",
				"✗ wait_busy 最长等待（坐席都忙时）：第一个值班电话原来 40 秒后响，现在 2 分钟后响",
				"· seats 延边专席：原来马上找，现在不找",
				"✓ seats 省级坐席：原来 20 秒后找，现在马上找",
			},
		},
		{"another language by the same key", []edit{{"menus/main.yaml", "      \"7\": {intent: minors, language: ko}", "      \"7\": {intent: minors}\n      \"9\": {intent: minors, language: ko}"}}, korean, []string{
			"· keys 按 7：原来是来意 minors，朝鲜语，现在是来意 minors",
			"· route 路由“朝鲜语” → “未成年人选项”",
			"✓ wait_busy 最长等待（坐席都忙时）：第一个值班电话原来 1 分钟后响，现在 40 秒后响",
			"✓ seats 省级坐席：原来 30 秒后找，现在 20 秒后找",
		}},
		{"the line belongs to another city", []edit{{"regions.yaml", `area_code: "0436", `, `area_code: "0436", trunks: [t1], `}}, func() Arrival {
			a := changchun()
			a.Origin.Trunk = "t1"
			return a
		}(), []string{
			"· region 算作白城市的来电，原来是长春市的",
			"· seats 长春专席：原来马上找，现在不找",
			"✓ seats 省级坐席：原来 20 秒后找，现在马上找",
			"✗ duty 值班电话：原来长春未保中心 2 个号码（139****0431、139****0431），现在省未保办 2 个号码（139****2200、139****2201）",
			"✗ police 长春市的 110：原来依次拨0431110、043*****0100，现在0436110、043*****0100",
		}},
		{"a caller who was lost loses the place in line", []edit{{"plan.yaml", "      priority: 20\n", ""}}, func() Arrival {
			a := changchun()
			a.Facts = map[string]string{routing.FactRepeat: routing.RepeatLost}
			return a
		}(), []string{"· priority 优先级 20 → 0"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := compare(t, "zh", row.edits...).Rehearse(row.a)
			if diff := cmp.Diff(row.want, told(got), cmp.Transformer("sorted", func(lines []string) map[string]bool {
				set := make(map[string]bool)
				for _, line := range lines {
					set[line] = true
				}
				return set
			})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
