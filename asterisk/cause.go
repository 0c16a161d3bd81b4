package asterisk

import (
	"fmt"
	"strings"

	"weibao/call"
)

// hangup is why a channel ends, as Asterisk has it: the Q.850 cause, and the
// SIP code when the end came by one. soft: Asterisk or we asked for it, not the
// other side.
type hangup struct {
	q850, sip int
	soft      bool
	text      string
}

// The causes of include/asterisk/causes.h that are looked at.
const (
	causeNormal   = 16
	causeBusy     = 17
	causeNoReply  = 18
	causeNoAnswer = 19
	causeRejected = 21
	// causeSilent is set when no RTP came for rtp_timeout:
	// res/res_pjsip_sdp_rtp.c, rtp_check_timeout.
	causeSilent = 44
)

// known reports whether anything is said at all.
func (h hangup) known() bool { return h.q850 != 0 || h.sip != 0 }

// String is the detail for the record: "SIP 486 User busy".
func (h hangup) String() string {
	switch {
	case h.sip != 0:
		return strings.TrimSpace(fmt.Sprintf("SIP %d %s", h.sip, h.text))
	case h.q850 != 0:
		return strings.TrimSpace(fmt.Sprintf("cause %d %s", h.q850, h.text))
	}
	return ""
}

// ofTalk is the cause of a leg that had been up. A BYE carries no SIP code; a
// code means that the far phone stopped answering (408, 481 to a re-INVITE or a
// session timer).
func (h hangup) ofTalk() call.Cause {
	switch {
	case h.q850 == causeSilent:
		return call.Lost
	case h.sip >= 400 && h.sip != 487:
		return call.Lost
	case h.q850 >= 27 && h.q850 <= 42 && !h.soft && h.q850 != 31 && h.q850 != 32:
		return call.Lost // network causes: 27 destination, 34 congestion, 38, 41, 42
	}
	return call.HungUp
}

// ofAttempt is the cause of a leg that was never answered.
//
//   - 486, 600: Busy. 603, 607, 608 and, from a seat's phone, 403: Rejected.
//   - 480 from a seat's phone is a person or do-not-disturb: the desk's phone
//     (JsSIP) and most others refuse with it. Rejected. From a trunk it is a
//     mobile phone that is off, or rang in vain.
//   - 408, 487 and our own limit: NoAnswer when it rang, Unreachable otherwise.
//   - anything else, with or without a code: Unreachable.
func (h hangup) ofAttempt(rang, seat, limit bool) call.Cause {
	inVain := call.Unreachable
	if rang {
		inVain = call.NoAnswer
	}
	if limit {
		// Asterisk's own end of the dialling also says 480.
		return inVain
	}
	switch h.sip {
	case 486, 600:
		return call.Busy
	case 603, 607, 608:
		return call.Rejected
	case 403:
		if seat {
			return call.Rejected
		}
		return call.Unreachable
	case 480:
		if seat {
			return call.Rejected
		}
		return inVain
	case 408, 487:
		return inVain
	case 0:
		return h.ofCause(inVain)
	}
	return call.Unreachable
}

// ofCause is for an end without a SIP code.
func (h hangup) ofCause(inVain call.Cause) call.Cause {
	switch h.q850 {
	case causeBusy:
		return call.Busy
	case causeRejected:
		return call.Rejected
	case causeNoReply, causeNoAnswer:
		return inVain
	case 0, causeNormal:
		return call.Unknown
	}
	return call.Unreachable
}

// reasonFor is the reason of DELETE /channels/{id} (res/ari/resource_channels.c)
// that makes Asterisk tell the phone what the leg ended for. A phone that still
// rings and is no longer needed hears that the call was answered elsewhere, so
// that it shows no missed call.
func reasonFor(why call.Cause, picked bool) string {
	switch why {
	case call.Busy:
		return "busy"
	case call.NoAnswer:
		return "no_answer"
	case call.Unreachable:
		return "congestion"
	case call.Rejected:
		return "rejected"
	case call.HungUp, call.Lost, call.Unknown:
		return "normal"
	case call.Released:
		if !picked {
			return "answered_elsewhere"
		}
	}
	return "normal"
}
