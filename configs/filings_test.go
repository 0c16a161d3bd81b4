package configs

import (
	"slices"
	"testing"
	"time"
)

func TestTheShippedFilingsCoverTheNineSituationsAndTheFourCategoriesOfTheNotice(t *testing.T) {
	t.Parallel()
	snapshot, faults := Read(Shipped(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	if snapshot == nil {
		t.Fatal(faults)
	}
	rules := snapshot.Guide.Filings
	var covered []int
	for _, c := range rules.Categories {
		covered = append(covered, c.Items...)
	}
	slices.Sort(covered)
	if got := slices.Compact(covered); !slices.Equal(got, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) || len(rules.Items) != 9 {
		t.Errorf("items %v of %d", got, len(rules.Items))
	}
	for said, want := range map[string]string{"遗弃": "遗弃", "性侵": "性侵", "虐待": "虐待", "暴力侵害": "暴力侵害", "家暴": "虐待", " 霸凌 ": "暴力侵害"} {
		if found, _, known := rules.Category(said); !known || found.Name != want || len(found.Items) == 0 {
			t.Errorf("%q is %+v, %t", said, found, known)
		}
	}
	if _, near, known := rules.Category("被性侵犯"); known || near != "性侵" {
		t.Errorf("nearest %q, %t", near, known)
	}
	if rules.Key != "*110" || rules.KeyGap != 3*time.Second || rules.Other != "其他" || len(rules.Rows) == 0 {
		t.Errorf("%+v", rules)
	}
}

func TestAConfigurationFromBeforeThereWereFilingsHasTheDefaults(t *testing.T) {
	t.Parallel()
	files := base(t)
	delete(files, filingsName)
	snapshot, faults := Read(files, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	if snapshot == nil {
		t.Fatal(faults)
	}
	if got := snapshot.Guide.Filings; got.Key != "" || len(got.Names()) != 5 {
		t.Errorf("%+v", got)
	}
}
