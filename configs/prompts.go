package configs

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"weibao/call"
	"weibao/ivr"
	"weibao/routing"
)

// promptsFile is the shape of prompts.yaml.
type promptsFile struct {
	// Prompts are everything that is ever said, by name.
	Prompts map[name]promptShape `yaml:"prompts" need:"yes" zh:"电话里说的每一句话，按名字"`
	// Purposes say which prompt is played when, outside the menus.
	Purposes purposesShape `yaml:"purposes" need:"yes" zh:"菜单以外，什么时候放哪一句"`
}

// promptShape is one prompt in each language that it is spoken in.
type promptShape struct {
	ZH *speechShape `yaml:"zh" need:"yes" zh:"汉语"`
	KO *speechShape `yaml:"ko" zh:"朝鲜语"`
	EN *speechShape `yaml:"en" zh:"英语"`
}

// speechShape is a prompt in one language.
type speechShape struct {
	// Text is what is said, as people read it.
	Text string `yaml:"text" zh:"说的话，给人看的文字"`
	// Pinyin is how the Chinese text is spoken: "nin2 hao3". Digits are
	// written out. Needed for zh unless there is a sound.
	Pinyin pinyin `yaml:"pinyin" zh:"汉语读音：音节加声调数字，轻声写 5，ü 写成 v，数字写成读法；没有录音时必须写"`
	// Sound is the name of a recorded file when it is not the prompt's own,
	// without folder and suffix. Default: none; a recorded file with the
	// prompt's name wins over the text by itself.
	Sound string `yaml:"sound" zh:"录音的文件名，和提示音的名字不同时才写，不带目录和后缀；有同名录音时自动用录音"`
}

// purposesShape says which prompts are played outside the menus.
type purposesShape struct {
	// Connecting is played when the search for a person begins.
	Connecting some `yaml:"connecting" need:"yes" zh:"开始找人接听时放的"`
	// Comfort is played from time to time in line. Default: nothing.
	Comfort some `yaml:"comfort" zh:"排队时隔一会儿放一次的；不写就不放"`
	// Closing is played when the listener has hung up.
	Closing some `yaml:"closing" need:"yes" zh:"接听人先挂断后，放给来电人的"`
	// Stay is played when the listener is gone and the next is being rung.
	Stay some `yaml:"stay" need:"yes" zh:"接听人掉线、正在找下一位时放的"`
	// Promised is played when a call back is promised, Unpromised when it
	// could not be kept. Default: nothing.
	Promised   some `yaml:"promised" zh:"登记回拨成功后放的；不写就不放"`
	Unpromised some `yaml:"unpromised" zh:"回拨登记不上时放的；不写就不放"`
	// Neutral is what a party hears first that is called back: nothing of the
	// hotline, and key 1. Default: nothing, and then nobody is called back.
	Neutral some `yaml:"neutral" zh:"回拨接通后先放的：不能透露热线是做什么的，请对方按 1；不写就不能回拨"`
	// Goodbye is for who does not press the key. Default: nothing.
	Goodbye some `yaml:"goodbye" zh:"回拨时对方没有按 1，挂断前放的；不写就不放"`
	// CallBack is what the seat hears before a call back. Default: nothing.
	CallBack some `yaml:"call_back" zh:"回拨时坐席接起先听到的；不写就不放"`
	// Place says where a caller stands in line: the sentence for so many ahead,
	// and for all further behind until the next row. Default: nothing.
	Place []placeShape `yaml:"place" zh:"排到第几位时说的话；不写就不说"`
	// Wait says how long it may take: the narrowest sentence that holds the whole
	// estimate; nothing when none does. Default: nothing.
	Wait []waitShape `yaml:"wait" zh:"大约还要等多久时说的话，取能包住估计的最窄一句；都包不住就不说"`
	// Region is what the seat hears of the place: <region> stands for the
	// city's code. Default: nothing.
	Region string `yaml:"region" zh:"坐席接起前听到的地区，<region> 代表市（州）的代码；不写就不放"`
	// Keys is what the seat hears of the keys pressed. Default: nothing.
	Keys map[string]string `yaml:"keys" zh:"来电人按了什么键，坐席接起前听到的，按键对提示音；不写就不放"`
	// Silence and Wrong are what the seat hears when no key or a wrong one
	// was pressed. Default: nothing.
	Silence string `yaml:"silence" zh:"来电人没有按键时，坐席听到的；不写就不放"`
	Wrong   string `yaml:"wrong" zh:"来电人按错键时，坐席听到的；不写就不放"`
}

// placeShape is the sentence for a place in line.
type placeShape struct {
	// Ahead is how many are before the caller.
	Ahead int `yaml:"ahead" need:"yes" min:"0" max:"99" zh:"前面还有几位；再往后、没有别的句子的也用这一句"`
	// Say is the whole sentence.
	Say some `yaml:"say" need:"yes" zh:"整句话"`
}

// waitShape is the sentence for a wait.
type waitShape struct {
	// From and To are the shortest and the longest wait that it speaks of.
	// Default of from: 0s.
	From time.Duration `yaml:"from" min:"0s" max:"2h" zh:"这句话说的最短时间；不写就是 0s"`
	To   time.Duration `yaml:"to" need:"yes" min:"30s" max:"3h" zh:"这句话说的最长时间"`
	// Say is the whole sentence.
	Say some `yaml:"say" need:"yes" zh:"整句话"`
}

// PromptText is what the sound of a prompt is made from.
type PromptText struct {
	Name string
	Lang string
	Text string
	// Pinyin is how a Chinese text is spoken; empty for other languages.
	Pinyin string
	// Sound is the recorded file that is meant when it has another name.
	Sound string
}

// promptBook finds prompts while the files are checked.
type promptBook struct {
	src  *source
	file promptsFile
}

// Rules for speech.
const (
	// perSyllable is how long a syllable takes: four in a second.
	perSyllable = 250 * time.Millisecond
	// firstChance is how long speech may last before a caller can know which
	// key to press.
	firstChance = 8 * time.Second
	// longestWhisper is how long a seat is told who is coming, while a child
	// waits.
	longestWhisper = 2 * time.Second
)

func readPrompts(src *source) *promptBook {
	b := &promptBook{src: src}
	src.decode(&b.file)
	syllable := newSyllable()
	for _, n := range b.names() {
		b.eachSpeech(n, func(lang string, s speechShape) {
			b.checkSpeech(place{"prompts", n, lang}, s, syllable)
		})
	}
	p := place{"purposes"}
	for _, purpose := range b.spoken() {
		for i, n := range purpose.names {
			b.known(src, src.item(p.with(purpose.key), i), n, nil)
		}
	}
	b.checkLineWords(p)
	for _, key := range slices.Sorted(maps.Keys(b.file.Purposes.Keys)) {
		if strings.Trim(key, "0123456789*#") != "" || key == "" {
			src.wrongKey(p.with("keys").with(key), Fault{What: say("%s 不是按键", "%s is not made of keys", quote(key)), Want: say("0 到 9、* 和 #", "0 to 9, * and #")})
		}
		b.known(src, p.with("keys").with(key), b.file.Purposes.Keys[key], nil)
	}
	return b
}

// spokenPurpose is a purpose whose prompts are named without a placeholder.
type spokenPurpose struct {
	key   string
	names []string
}

func (b *promptBook) spoken() []spokenPurpose {
	u := b.file.Purposes
	return []spokenPurpose{
		{"connecting", u.Connecting},
		{"comfort", u.Comfort},
		{"closing", u.Closing},
		{"stay", u.Stay},
		{"promised", u.Promised},
		{"unpromised", u.Unpromised},
		{"neutral", u.Neutral},
		{"goodbye", u.Goodbye},
		{"call_back", u.CallBack},
		{"silence", present(u.Silence)},
		{"wrong", present(u.Wrong)},
	}
}

func present(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// names are the names of all prompts in order.
func (b *promptBook) names() []string {
	return texts(slices.Sorted(maps.Keys(b.file.Prompts)))
}

// eachSpeech visits the languages of a prompt.
func (b *promptBook) eachSpeech(prompt string, visit func(lang string, s speechShape)) {
	shape := b.file.Prompts[name(prompt)]
	for _, l := range []struct {
		lang   string
		speech *speechShape
	}{{"zh", shape.ZH}, {"ko", shape.KO}, {"en", shape.EN}} {
		if l.speech != nil {
			visit(l.lang, *l.speech)
		}
	}
}

func (b *promptBook) checkSpeech(p place, s speechShape, syllable *regexp.Regexp) {
	chinese := p[len(p)-1] == "zh"
	switch {
	case s.Sound != "" && !isName(s.Sound):
		want, _ := name("").check()
		b.src.wrong(p.with("sound"), Fault{What: say("%s 不能作文件名", "%s can not be a file's name", quote(s.Sound)), Want: want})
	case strings.TrimSpace(s.Text) == "" && s.Sound == "":
		b.src.wrong(p, Fault{What: say("既没有文字（text）也没有录音（sound）", "there is neither a text nor a sound")})
	case chinese && s.Sound == "" && len(s.Pinyin.syllables()) == 0:
		b.src.wrong(p, Fault{What: say("缺少拼音（pinyin），合成时会读错", "pinyin is missing; the text would be read wrongly"), Want: say("如 nin2 hao3，数字写成 yao1 er4", "such as nin2 hao3, with digits written out")})
	case !chinese && s.Pinyin != "":
		b.src.wrong(p.with("pinyin"), Fault{What: say("只有汉语（zh）有拼音", "only Chinese (zh) has pinyin")})
	default:
		if bad := s.Pinyin.bad(syllable); bad != "" {
			b.src.wrong(p.with("pinyin"), Fault{What: say("%s 不是带声调数字的拼音", "%s is not a syllable of pinyin with its tone", quote(bad)), Want: say("如 nin2 hao3，轻声用 5，ü 写成 v", "such as nin2 hao3; 5 is the neutral tone, ü is written v")})
		}
	}
}

// known says whether a prompt exists in each of the languages; Chinese is
// always there.
func (b *promptBook) known(src *source, p place, prompt string, languages []string) bool {
	if len(b.file.Prompts) == 0 || prompt == "" {
		return false
	}
	shape, ok := b.file.Prompts[name(prompt)]
	if !ok {
		src.wrong(p, Fault{What: say("没有提示音 %s", "there is no prompt %s", prompt), Near: nearest(prompt, b.names())})
		return false
	}
	for _, lang := range languages {
		if lang == "ko" && shape.KO == nil || lang == "en" && shape.EN == nil {
			src.wrong(p, Fault{What: say("提示音 %s 没有 %s 的内容", "the prompt %s has no %s", prompt, lang)})
			ok = false
		}
	}
	return ok
}

// knownOf is known for a name that may have a placeholder: it must exist for
// each of the cities, in its languages. A name that is wrong for all of them
// is one fault.
func (b *promptBook) knownOf(src *source, p place, prompt string, cities []routing.Region) {
	exists := func(city routing.Region) bool {
		_, ok := b.file.Prompts[name(of(city, prompt))]
		return ok
	}
	if len(cities) > 0 && !slices.ContainsFunc(cities, exists) {
		cities = cities[:1]
	}
	for _, city := range cities {
		if !b.known(src, p, of(city, prompt), city.Languages) && !strings.Contains(prompt, placeholder) {
			return
		}
	}
}

// length estimates how long a prompt takes in a language.
func (b *promptBook) length(prompt, lang string) time.Duration {
	syllables := 0
	b.eachSpeech(prompt, func(l string, s speechShape) {
		switch {
		case l != lang:
		case l == "zh" && s.Pinyin != "":
			syllables = len(s.Pinyin.syllables())
		case l == "en":
			syllables = len(strings.Fields(s.Text)) * 3 / 2
		default:
			for _, r := range s.Text {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					syllables++
				}
			}
		}
	})
	return time.Duration(syllables) * perSyllable
}

// checkPlaces checks what a seat hears of each city.
func (b *promptBook) checkPlaces(regions *regionBook) {
	pattern := b.file.Purposes.Region
	if pattern == "" || regions.src.broken {
		return
	}
	key := time.Duration(0)
	for _, n := range append(slices.Collect(maps.Values(b.file.Purposes.Keys)), b.file.Purposes.Silence, b.file.Purposes.Wrong) {
		key = max(key, b.length(n, "zh"))
	}
	cities := regions.cities()
	for i := range cities {
		cities[i].Languages = nil // seats are told in Chinese
	}
	b.knownOf(b.src, place{"purposes", "region"}, pattern, cities)
	for _, city := range cities {
		n := of(city, pattern)
		if all := b.length(n, "zh") + key; all > longestWhisper {
			b.src.wrong(place{"prompts", n, "zh"}, Fault{What: say("坐席听到的提示约 %s，超过 %s，孩子要等", "the seat would listen for about %s, longer than %s, while a child waits", all, longestWhisper)})
		}
	}
}

// compile makes the prompts of a call outside the menus.
func (b *promptBook) compile(regions *regionBook) call.Prompts {
	u := b.file.Purposes
	p := call.Prompts{
		Region: make(map[string]ivr.Prompt), Key: make(map[string]ivr.Prompt),
	}
	// In every language that some region speaks; a call plays those of its own.
	for to, names := range map[*[]ivr.Prompt][]string{
		&p.Connecting: u.Connecting, &p.Comfort: u.Comfort, &p.Closing: u.Closing, &p.Stay: u.Stay,
		&p.Promised: u.Promised, &p.Unpromised: u.Unpromised, &p.Neutral: u.Neutral, &p.Goodbye: u.Goodbye, &p.CallBack: u.CallBack,
	} {
		*to = inLanguages(names, regions.languages())
	}
	p.Place, p.Wait = b.lineWords(regions.languages())
	if u.Region != "" {
		for _, row := range regions.rows {
			p.Region[row.Code] = ivr.Prompt{Name: of(regions.city(row.Code), u.Region), Lang: "zh"}
		}
	}
	for key, n := range u.Keys {
		p.Key[key] = ivr.Prompt{Name: n, Lang: "zh"}
	}
	for key, n := range map[string]string{ivr.MissedSilence: u.Silence, ivr.MissedWrong: u.Wrong} {
		if n != "" {
			p.Key[key] = ivr.Prompt{Name: n, Lang: "zh"}
		}
	}
	return p
}

// inLanguages are the prompts in the first language, then in the next.
func inLanguages(names, languages []string) []ivr.Prompt {
	var prompts []ivr.Prompt
	for _, lang := range languages {
		for _, n := range names {
			prompts = append(prompts, ivr.Prompt{Name: n, Lang: lang})
		}
	}
	return prompts
}

// texts are all texts that sounds are made from.
func (b *promptBook) texts() []PromptText {
	var all []PromptText
	for _, n := range b.names() {
		b.eachSpeech(n, func(lang string, s speechShape) {
			all = append(all, PromptText{Name: n, Lang: lang, Text: strings.TrimSpace(s.Text), Pinyin: string(s.Pinyin), Sound: s.Sound})
		})
	}
	return all
}
