package configs

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestASnapshotIsReadAgainFromItsText(t *testing.T) {
	t.Parallel()
	odd := base(t)
	odd[queuesName] = &fstest.MapFile{Data: []byte("# -- plan.yaml 3 --\n" + string(odd[queuesName].Data) + "\n\n# <&> \\u2028 완 完\r\n")}
	odd["rota/a b 7 --.yaml"] = odd["rota/posts.yaml"]
	odd["rota/\"x\".yaml"] = &fstest.MapFile{Data: []byte("# 说明\nposts: {}\n")}
	odd["holidays/.hidden.yaml"] = &fstest.MapFile{Data: []byte("not read")}
	odd["README.md"] = &fstest.MapFile{Data: []byte("not read")}
	odd[settingsName] = &fstest.MapFile{Data: []byte("redis: {password: not-for-the-record}\n")}
	delete(odd, "rota/posts.yaml")
	for name, files := range map[string]fs.FS{"shipped": Shipped(), "small": base(t), "odd": odd} {
		s, faults := Read(files, time.Now())
		if len(faults) > 0 {
			t.Errorf("%s: %s", name, faults)
			continue
		}
		again, faults, err := ReadText(s.Text(), time.Now())
		if err != nil || again == nil || again.Version != s.Version || again.Text() != s.Text() {
			t.Errorf("%s: %v, %s", name, err, faults)
		}
		if strings.Contains(s.Text(), "not-for-the-record") || strings.Contains(s.Text(), "not read") {
			t.Errorf("%s: the text holds more than was read", name)
		}
	}
}

func TestAnyFilesComeBackFromTheirText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.Custom(func(t *rapid.T) string { return rapid.StringN(1, 20, 60).Draw(t, "name") }).
			Filter(func(s string) bool { return fs.ValidPath(s) && !strings.Contains(s, "/") && s != "." })
		want := rapid.MapOfN(name, rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`(-- [a-z.]{1,5} [0-9]{1,2} --\n?|\n|x){0,6}`),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		), 1, 6).Draw(t, "files")
		s := &Snapshot{}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			s.sources = append(s.sources, sourceText{name, []byte(want[name])})
		}
		files, err := FromText(s.Text())
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for name := range want {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			got[name] = string(data)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(files.(fstest.MapFS)) != len(want) {
			t.Fatal(diff)
		}
	})
}

func TestTextThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "\n", "x", "-- a.yaml --\nx\n", "-- a.yaml 1 --", "-- a.yaml 1 --\nx", "-- a.yaml 2 --\nx\n", "-- a.yaml 0 --\nx\n",
		"-- a.yaml -1 --\n\n", "-- a.yaml 99999999999999999999 --\nx\n", "-- ../a.yaml 1 --\nx\n", "-- /a.yaml 1 --\nx\n", "--  1 --\nx\n",
		"-- \"a 1 --\nx\n", "-- . 1 --\nx\n", "-- a.yaml 1 --\nx\n-- a.yaml 1 --\nx\n", "-- a.yaml 1 --\nx\n\n",
	} {
		if files, err := FromText(text); err == nil {
			t.Errorf("%q gives %v", text, files)
		}
		if _, _, err := ReadText(text, time.Now()); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
