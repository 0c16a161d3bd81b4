package routing

import (
	"regexp"
	"strings"
	"unicode"
)

// NumberKind says what sort of number a caller's is.
type NumberKind uint8

// The kinds of number.
const (
	// UnknownNumber is one that no rule here reads. It is shown as it came.
	UnknownNumber NumberKind = iota
	Mobile
	Landline
	// Service is a short code (110, 12345, 96xxx), one with an area code
	// before it, or a 400 or 800 number: an office, not a person.
	Service
	// Anonymous is a caller who withholds the number, or whose number the
	// network did not bring.
	Anonymous
	// Foreign is a number of another numbering plan; Hong Kong, Macao and
	// Taiwan have their own.
	Foreign
)

// String is the word of the API and of the record.
func (k NumberKind) String() string {
	switch k {
	case Mobile:
		return "mobile"
	case Landline:
		return "landline"
	case Service:
		return "service"
	case Anonymous:
		return "anonymous"
	case Foreign:
		return "foreign"
	case UnknownNumber:
	}
	return "unknown"
}

// Caller is a caller's number: as it came and as it is understood.
type Caller struct {
	// Raw is the number exactly as the line brought it.
	Raw Number
	// E164 is the number in its one international form, "+8613800000001";
	// empty when the caller can not be told or rung by it.
	E164 Number
	Kind NumberKind
	// AreaCode is the telephone area code with its leading zero, "0431", of a
	// landline or of a service that came with one; else empty.
	AreaCode string
	// Hint is the code of the city with that area code. It only helps to
	// guess where a caller is: 长白山 shares its area codes with two cities,
	// and a mobile, whose home is not its place, never has one.
	Hint string
}

// The forms of a number within China. Sources are in DOMAIN.md §7: [LPN-A] is
// libphonenumber's metadata of CN; "mem" is not looked up.
var (
	// A mobile has 11 digits, with a 0 before it when it is not local (mem).
	// [LPN-A] lists the ranges now given out: 13x, 18x, 14[57], 1[59][0-35-9],
	// 16[25-7], 17[0-35-8]. New ones are opened from time to time, nothing
	// else has this form but 179 (a carrier's prefix), and a child's number
	// must not be lost for an old list: every other range is taken too.
	mobileForm = regexp.MustCompile(`^0?(1(?:[3-689]\d|7[0-8])\d{8})$`)
	// An area code is 010, 02x or 0[3-9]xx, but 400 and 800 are services; what
	// follows is a landline's own number or a short code: area code + 12345
	// [HUJIAO-C], 0433110 [HS110-B].
	areaForm = regexp.MustCompile(`^(0(?:10|2\d|[35-79]\d\d|[48](?:0[1-9]|[1-9]\d)))(\d{3,8})$`)
	// A landline's own number has 7 or 8 digits; 0, 1 and 9 do not begin it
	// (mem).
	localForm = regexp.MustCompile(`^[2-8]\d{6,7}$`)
	// Where an area code's numbers are known to have 8 digits, 7 are half a
	// number: 010 and 02x (mem), 0431 [SEED], 0432 since 2009 [LPN-A].
	eightForm = regexp.MustCompile(`^0(?:10|2\d|43[12])$`)
	// 110, 12345, 118114; the text alarm 12110xxx [12110-C]; 95xxx and 96xxx
	// with up to 8 digits, 400 and 800 numbers (mem).
	serviceForm = regexp.MustCompile(`^(?:1[12]\d|1[0-2]\d{3,4}|12110\d{3}|9[56]\d{3,6}|[48]00\d{7})$`)
	// 17951, 17909, 12593: the carrier that was chosen [LPN-A]. A whole
	// number follows: a mobile, or one with its 0 or 00.
	carrierForm = regexp.MustCompile(`^1(?:[12]\d|79)\d\d(0\d{9,}|1[3-9]\d{9})$`)
	// E.164 has at most 15 digits, and no country's code begins with 0.
	foreignForm = regexp.MustCompile(`^[1-9]\d{6,14}$`)
)

// country is China's code in E.164.
const country = "86"

// Normalise understands a caller's number in the forms in which Chinese lines
// bring it and people write it. It takes every string; what it can not read is
// an UnknownNumber and no fault, for a call is never refused for its number.
// A number without an area code is one of home's, the region of the line that
// the call came through.
func Normalise(raw string, regions Regions, home string) Caller {
	c := Caller{Raw: Number(raw)}
	if withheld(raw) {
		c.Kind = Anonymous
		return c
	}
	c.read(plain(raw), regions, home)
	if c.AreaCode != "" {
		city, _ := regions.ByAreaCode(c.AreaCode)
		c.Hint = city.Code
	}
	return c
}

// withheld reports a caller without a number, in the words of Asterisk, of
// SIP (RFC 3323) and of the displays of telephones.
func withheld(raw string) bool {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(raw), `<>"`)) {
	case "", "anonymous", "unknown", "restricted", "private", "withheld", "unavailable", "匿名", "未知", "隐藏", "保密":
		return true
	}
	return false
}

// plain drops what people put between digits and makes full-width characters
// ASCII; a plus stays at the start. Anything else leaves nothing: better an
// unknown number than another person's.
func plain(raw string) string {
	var digits strings.Builder
	for _, r := range raw {
		if r >= '！' && r <= '～' { // full-width forms stand in ASCII's order
			r -= '！' - '!'
		}
		switch {
		case r >= '0' && r <= '9', r == '+' && digits.Len() == 0:
			digits.WriteRune(r)
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), unicode.Is(unicode.Cf, r), strings.ContainsRune(".()·−", r):
		default:
			return ""
		}
	}
	return digits.String()
}

// read takes off the prefixes of carrier and country and reads the rest.
func (c *Caller) read(digits string, regions Regions, home string) {
	if carried := carrierForm.FindStringSubmatch(digits); carried != nil {
		c.read(carried[1], regions, home)
		return
	}
	abroad, prefixed := strings.CutPrefix(digits, "+")
	if !prefixed {
		abroad, prefixed = strings.CutPrefix(digits, "00")
	}
	rest, chinese := strings.CutPrefix(abroad, country)
	_, ours := regions.OfNumber("0" + digits)
	switch {
	case prefixed && chinese:
		c.withCountry(rest)
	case prefixed && foreignForm.MatchString(abroad):
		c.Kind, c.E164 = Foreign, Number("+"+abroad)
	case prefixed, c.national(digits):
	case localForm.MatchString(digits):
		c.landline(regions.areaCode(home), digits)
	case ours && c.national("0"+digits): // the 0 was left out
	case chinese && len(rest) >= 10: // 86 without its plus; shorter, it is a landline
		c.withCountry(rest)
	}
}

// withCountry reads what follows +86: the area code has lost its 0 there, or
// has kept it by mistake.
func (c *Caller) withCountry(rest string) {
	if !c.national("0" + rest) {
		c.national(rest)
	}
}

// national reads a number as it is dialled within China and reports whether
// it is one.
func (c *Caller) national(digits string) bool {
	if mobile := mobileForm.FindStringSubmatch(digits); mobile != nil {
		c.Kind, c.E164 = Mobile, Number("+"+country+mobile[1])
		return true
	}
	if split := areaForm.FindStringSubmatch(digits); split != nil {
		return c.service(split[1], split[2]) || c.landline(split[1], split[2])
	}
	return c.service("", digits)
}

// service reads a short code, with an area code or none. 12345 alone, and 110
// anywhere, is another office for each line that dials it and so has no
// international form.
func (c *Caller) service(areaCode, code string) bool {
	if !serviceForm.MatchString(code) {
		return false
	}
	c.Kind, c.AreaCode = Service, areaCode
	if everywhere := len(code) == 10; everywhere || areaCode != "" && len(code) > 3 {
		c.E164 = Number("+" + country + strings.TrimPrefix(areaCode, "0") + code)
	}
	return true
}

// landline reads a landline's own number. Through a line whose area code is
// not known, such as the province's, it is a landline of nobody knows where.
func (c *Caller) landline(areaCode, local string) bool {
	if !localForm.MatchString(local) || len(local) < 8 && eightForm.MatchString(areaCode) {
		return false
	}
	c.Kind, c.AreaCode = Landline, areaCode
	if areaCode != "" {
		c.E164 = Number("+" + country + strings.TrimPrefix(areaCode, "0") + local)
	}
	return true
}

// areaCode is that of a region or of the nearest unit above it.
func (r Regions) areaCode(code string) string {
	for _, region := range r.above(code) {
		if region.AreaCode != "" {
			return region.AreaCode
		}
	}
	return ""
}
