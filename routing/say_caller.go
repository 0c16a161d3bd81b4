package routing

// Caller is what a caller's number tells, the number masked. Where a caller is
// it never tells for sure.
func (s Speech) Caller(c Caller) string {
	number := c.E164
	if number == "" {
		number = c.Raw
	}
	said := number.Masked()
	switch c.Kind {
	case Mobile:
		return s.f("手机 %[1]s；手机的归属地不是人在的地方，不用来判断地区", "mobile %[1]s; where a mobile is registered is not where the caller is, so it says nothing of the place", said)
	case Landline:
		return s.f("固定电话 %[1]s%[2]s", "landline %[1]s%[2]s", said, s.hint(c))
	case Service:
		return s.f("服务号码 %[1]s，不是个人的电话%[2]s", "service number %[1]s, of an office and not of a person%[2]s", said, s.hint(c))
	case Foreign:
		return s.f("境外（或港澳台）号码 %[1]s", "number %[1]s from abroad", said)
	case Anonymous:
		return s.f("没有显示号码", "the number is withheld")
	case UnknownNumber:
	}
	return s.f("看不懂的号码 %[1]s，照原样记下", "the number %[1]s can not be read and is kept as it came", said)
}

// hint is what an area code makes one guess.
func (s Speech) hint(c Caller) string {
	if c.AreaCode == "" {
		return ""
	}
	if c.Hint == "" {
		return s.f("，区号 %[1]s 不是本省的", ", with an area code %[1]s that is none of the province", c.AreaCode)
	}
	return s.f("，区号 %[1]s 是%[2]s的，只供参考，不用来判断地区", ", with the area code of %[2]s (%[1]s): a hint only, the place is not told by it", c.AreaCode, s.Region(c.Hint))
}
