package configs

import (
	"io/fs"
	"net"
	"net/url"
	"slices"
	"time"
)

// receiversFile is the shape of receivers.yaml: who outside is told of filings
// (报备). Without the file only the desk of the province is.
type receiversFile struct {
	// Desk is the list of unread filings on the screens of the province.
	Desk deskShape `yaml:"desk" zh:"省平台屏幕上的未读报备清单"`
	// Phones are duty posts whose officers are rung.
	Phones map[name]phoneShape `yaml:"phones" zh:"打电话给值班员：念编号、类别和地点，按键才算签收"`
	// Hooks are systems that are told over HTTPS.
	Hooks map[name]hookShape `yaml:"hooks" zh:"用签名的网络请求通知的系统"`
	// Drops are folders for systems behind an air gap.
	Drops map[name]dropShape `yaml:"drops" zh:"把文件放进目录，由专人或单向网闸带走"`
	// GiveUp is how long a delivery is tried. Default: 24h.
	GiveUp time.Duration `yaml:"give_up" min:"1m" max:"168h" zh:"送不到时一直重试多久；之后报警并列入每日清单"`
	// Overdue is after how long one that is not acknowledged alarms.
	// Default: 15m.
	Overdue time.Duration `yaml:"overdue" min:"1m" max:"24h" zh:"多久没有签收就报警"`
	// Daily is when what is not acknowledged is listed. Default: 08:00.
	Daily clock `yaml:"daily" zh:"每天几点列出没有签收的"`
}

func (r *receiversFile) defaults() {
	r.GiveUp, r.Overdue, r.Daily = 24*time.Hour, 15*time.Minute, "08:00"
	r.Desk.Owner = "省平台值班"
}

// deskShape is the desk of the province.
type deskShape struct {
	// Owner looks after filings that nobody reads. Default: 省平台值班.
	Owner string `yaml:"owner" need:"yes" zh:"没有人读时归谁管"`
}

// phoneShape is a duty post that is rung.
type phoneShape struct {
	// Post is the region whose post it is.
	Post string `yaml:"post" need:"yes" zh:"哪个岗位的值班员，写区域代码，如 \"220000\""`
	// Next is from one call until the next officer of the rota is rung.
	// Default: 3m.
	Next time.Duration `yaml:"next" min:"30s" max:"1h" zh:"没有人签收时，多久后打下一个值班员"`
	// Ring bounds one call. Default: 90s.
	Ring time.Duration `yaml:"ring" min:"20s" max:"5m" zh:"一个电话从拨号到念完最长多久"`
	// Key acknowledges. Default: 1.
	Key press `yaml:"key" zh:"按哪个键算签收"`
	// Owner looks after what nobody acknowledges.
	Owner string `yaml:"owner" need:"yes" zh:"没有人签收时归谁管"`
	// Events are what it is rung about. Default: made.
	Events []FilingEvent `yaml:"events" zh:"为哪些事打电话；不写就是 made（新报备）"`
}

func (p *phoneShape) defaults() {
	p.Next, p.Ring, p.Key, p.Events = 3*time.Minute, 90*time.Second, "1", []FilingEvent{"made"}
}

// hookShape is a web hook.
type hookShape struct {
	// URL is https, or http on this host.
	URL string `yaml:"url" need:"yes" zh:"网址，必须是 https；本机可以用 http"`
	// SecretFile holds the key of the signature.
	SecretFile string `yaml:"secret_file" need:"yes" zh:"签名密钥所在的文件：16 字节以上的文字，或 whsec_ 加 base64"`
	// Algorithm is how it is signed. Default: hmac-sha256.
	Algorithm SignAlgorithm `yaml:"algorithm" zh:"签名算法"`
	// Limit bounds one attempt. Default: 10s.
	Limit time.Duration `yaml:"limit" min:"1s" max:"2m" zh:"一次请求最长多久"`
	// CAFile holds the certificates that its own must come from. Default: those
	// of the system.
	CAFile string `yaml:"ca_file" zh:"对方证书的根证书文件；不写就用系统的"`
	systemShape
}

func (h *hookShape) defaults() { h.Algorithm, h.Limit = "hmac-sha256", 10*time.Second }

// dropShape is a drop folder.
type dropShape struct {
	// Folder is where the files go.
	Folder string `yaml:"folder" need:"yes" zh:"放文件的目录；回执放回它下面的 receipts"`
	systemShape
}

// systemShape is what systems outside have in common.
type systemShape struct {
	// Owner looks after what it does not acknowledge.
	Owner string `yaml:"owner" need:"yes" zh:"没有签收时归谁管"`
	// Events are what it is told. Default: all.
	Events []FilingEvent `yaml:"events" zh:"通知哪些事；不写就是全部"`
	// WholeNumbers sends telephone numbers unmasked. Default: off.
	WholeNumbers Switch `yaml:"whole_numbers" zh:"来电号码不打码；须有协议，不写就打码"`
}

// FilingEvent is what can happen to a filing.
type FilingEvent string

func (FilingEvent) choices() []string { return []string{"made", "outcome", "correction"} }

func (e FilingEvent) check() (Words, bool) {
	return Words{"made（新报备）、outcome（110 的结果）或 correction（更正）", "made, outcome or correction"}, slices.Contains(e.choices(), string(e))
}

// SignAlgorithm is how a web hook is signed.
type SignAlgorithm string

func (SignAlgorithm) choices() []string { return []string{"hmac-sha256", "hmac-sm3"} }

func (a SignAlgorithm) check() (Words, bool) {
	return oneOf(a.choices()), slices.Contains(a.choices(), string(a))
}

// Receivers are who outside is told of filings, ordered by name.
type Receivers struct {
	DeskOwner       string
	Phones          []PhoneReceiver
	Hooks           []HookReceiver
	Drops           []DropReceiver
	GiveUp, Overdue time.Duration
	Daily           time.Duration // after midnight
}

// PhoneReceiver is a duty post that is rung about filings.
type PhoneReceiver struct {
	Name, Post, Owner, Key string
	Next, Ring             time.Duration
	Events                 []FilingEvent
}

// HookReceiver is a web hook.
type HookReceiver struct {
	System
	URL, SecretFile, CAFile string
	Algorithm               SignAlgorithm
	Limit                   time.Duration
}

// Secret is the key of the signature.
func (h HookReceiver) Secret() (Secret, error) { return secretFrom("", h.SecretFile) }

// DropReceiver is a drop folder.
type DropReceiver struct {
	System
	Folder string
}

// System is what systems outside have in common.
type System struct {
	Name, Owner  string
	Events       []FilingEvent
	WholeNumbers bool
}

// receiverBook is who is told of filings while the files are checked.
type receiverBook struct{ file receiversFile }

// readReceivers reads the file, when there is one.
func readReceivers(files fs.FS, open func(string) *source, rotas *rotaBook) *receiverBook {
	b := &receiverBook{}
	b.file.defaults()
	if _, err := fs.Stat(files, receiversName); err != nil {
		return b
	}
	src := open(receiversName)
	src.decode(&b.file)
	for _, key := range sortedKeys(b.file.Phones) {
		at, post := place{"phones", string(key), "post"}, b.file.Phones[key].Post
		if _, is := rotas.rotas.Post(post); !is && post != "" && !rotas.broken() {
			src.wrong(at, Fault{
				What: say("rota/ 里没有岗位 %s", "there is no post %s in rota/", quote(post)),
				Near: nearest(post, rotas.rotas.Posts()),
			})
		}
	}
	for _, key := range sortedKeys(b.file.Hooks) {
		if address := b.file.Hooks[key].URL; address != "" && !isHook(address) {
			src.wrong(place{"hooks", string(key), "url"}, Fault{
				What: say("%s 不是能用的网址", "%s is not an address that may be used", quote(address)),
				Want: Words{"https 网址；本机可以是 http://127.0.0.1", "https; http only for 127.0.0.1"},
			})
		}
	}
	b.checkNames(src)
	return b
}

// checkNames refuses a name that two receivers have: deliveries are kept by it.
func (b *receiverBook) checkNames(src *source) {
	taken := map[name]bool{"desk": true}
	check := func(kind string, names []name) {
		for _, n := range names {
			if taken[n] {
				src.wrongKey(place{kind, string(n)}, Fault{What: say("名字 %s 已经有了", "the name %s is taken", n)})
			}
			taken[n] = true
		}
	}
	check("phones", sortedKeys(b.file.Phones))
	check("hooks", sortedKeys(b.file.Hooks))
	check("drops", sortedKeys(b.file.Drops))
}

func isHook(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func (b *receiverBook) compile() Receivers {
	f := b.file
	r := Receivers{
		DeskOwner: f.Desk.Owner, GiveUp: f.GiveUp, Overdue: f.Overdue,
		Daily: time.Duration(f.Daily.minutes()) * time.Minute,
	}
	for _, key := range sortedKeys(f.Phones) {
		p := f.Phones[key]
		r.Phones = append(r.Phones, PhoneReceiver{
			Name: string(key), Post: p.Post, Owner: p.Owner, Key: string(p.Key), Next: p.Next, Ring: p.Ring, Events: p.Events,
		})
	}
	for _, key := range sortedKeys(f.Hooks) {
		h := f.Hooks[key]
		r.Hooks = append(r.Hooks, HookReceiver{
			System: h.system(key), URL: h.URL, SecretFile: h.SecretFile, CAFile: h.CAFile, Algorithm: h.Algorithm, Limit: h.Limit,
		})
	}
	for _, key := range sortedKeys(f.Drops) {
		r.Drops = append(r.Drops, DropReceiver{System: f.Drops[key].system(key), Folder: f.Drops[key].Folder})
	}
	return r
}

func (s systemShape) system(key name) System {
	return System{Name: string(key), Owner: s.Owner, Events: s.Events, WholeNumbers: s.WholeNumbers.On()}
}
