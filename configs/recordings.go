package configs

import (
	"io/fs"
	"maps"
	"slices"
	"time"
)

// recordingsName may be left out: then everything is as by default.
const recordingsName = "recordings.yaml"

// recordingsFile is the shape of recordings.yaml.
type recordingsFile struct {
	// KeepDays is how many days a recording is kept. Default: 1095, three years.
	KeepDays int `yaml:"keep_days" min:"183" max:"36500" zh:"录音保存多少天，期满自动销毁；默认 1095（三年）"`
	// KeepLonger are the days by kind of matter, as a transfer to 110 or the
	// form's field category names it; of several the longest counts. Default:
	// none.
	KeepLonger map[string]int `yaml:"keep_longer" zh:"某一类事情的录音保存多少天；类别同转 110 时选的，或登记表的 category"`
	// Sensitive are the kinds of which a second person must approve that a
	// recording is heard. Default: 性侵, 虐待, 暴力侵害, 遗弃.
	Sensitive []string `yaml:"sensitive" zh:"哪些类别的录音要由第二个人批准才能听"`
	// Ask is how long a request waits for the second person. Default: 24h.
	Ask time.Duration `yaml:"ask" min:"1m" max:"720h" zh:"听录音的申请等多久没人批就作废"`
	// Listen is how long a leave to hear lasts. Default: 1h.
	Listen time.Duration `yaml:"listen" min:"1m" max:"24h" zh:"获准以后多久之内可以听"`
}

func (r *recordingsFile) defaults() {
	r.KeepDays, r.Ask, r.Listen = 1095, 24*time.Hour, time.Hour
	r.Sensitive = []string{"性侵", "虐待", "暴力侵害", "遗弃"}
}

// Recordings are the rules for recordings.
type Recordings struct {
	Keep       time.Duration            // how long one is kept
	KeepLonger map[string]time.Duration // by kind of matter
	Sensitive  []string                 // kinds of which a second person approves
	Ask        time.Duration            // a request waits so long
	Listen     time.Duration            // a leave to hear lasts so long
}

// hasRecordings reports whether there is a file of the rules.
func hasRecordings(files fs.FS) bool {
	_, err := fs.Stat(files, recordingsName)
	return err == nil
}

// readRecordings reads the rules; without a source they are as by default.
func readRecordings(src *source) recordingsFile {
	var file recordingsFile
	file.defaults()
	if src == nil {
		return file
	}
	src.decode(&file)
	for _, kind := range slices.Sorted(maps.Keys(file.KeepLonger)) {
		if days := file.KeepLonger[kind]; days < file.KeepDays || days > 36500 {
			src.wrong(place{"keep_longer", kind}, Fault{
				What: say("%d 天不对", "%d days are not right", days),
				Want: say("%d 到 36500 天：不比 keep_days 短", "%d to 36500 days: no fewer than keep_days", file.KeepDays),
			})
		}
	}
	return file
}

func (r recordingsFile) compile() Recordings {
	const day = 24 * time.Hour
	longer := make(map[string]time.Duration, len(r.KeepLonger))
	for kind, days := range r.KeepLonger {
		longer[kind] = time.Duration(days) * day
	}
	return Recordings{
		Keep: time.Duration(r.KeepDays) * day, KeepLonger: longer, Sensitive: r.Sensitive, Ask: r.Ask, Listen: r.Listen,
	}
}
