package call

import "slices"

// NoteSeverity is the field of the form in which a seat says how grave a
// matter is; see [Grave] for the words.
const NoteSeverity = "severity"

// Grave reports whether a call was hard to bear for whoever took it, so that a
// longer rest follows: 110 was asked for in it, or the seat's form calls it
// grave (紧急, or 特急, of the three degrees of urgency in 12345's orders).
func (c *Call) Grave() bool {
	return c.Transfer.Files || slices.ContainsFunc(c.Transfers, func(tr Transfer) bool { return tr.Files }) ||
		slices.Contains([]string{"grave", "紧急", "特急"}, c.Note[NoteSeverity])
}
