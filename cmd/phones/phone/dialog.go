package phone

import (
	"fmt"
	"slices"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// dialog is one side of a SIP dialog (RFC 3261 §12): what a request within the
// call must carry. Its mutex is a leaf.
type dialog struct {
	callID   string
	localTag string

	mu      sync.Mutex
	local   sip.FromHeader
	remote  sip.ToHeader
	target  sip.Uri // the Contact of the other side
	routes  []string
	seq     uint32 // of the last request that we sent
	invited uint32 // of the INVITE that an ACK answers
}

// key finds a dialog among the calls of a phone.
func (d *dialog) key() string { return dialogKey(d.callID, d.localTag) }

func dialogKey(callID, localTag string) string { return callID + " " + localTag }

// newClientDialog begins a call that we make.
func newClientDialog(from sip.FromHeader, to sip.ToHeader, callID string) *dialog {
	tag, _ := from.Params.Get("tag")
	return &dialog{callID: callID, localTag: tag, local: from, remote: to, target: to.Address, seq: 1}
}

// newServerDialog begins a call that comes in.
func newServerDialog(invite *sip.Request, tag string) *dialog {
	local := *sip.HeaderClone(invite.To()).(*sip.ToHeader)
	local.Params.Add("tag", tag)
	d := &dialog{
		callID:   invite.CallID().Value(),
		localTag: tag,
		local:    local.AsFrom(),
		remote:   invite.From().AsTo(),
		seq:      1,
	}
	if c := invite.Contact(); c != nil {
		d.target = *c.Address.Clone()
	}
	for _, h := range invite.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.Value())
	}
	return d
}

// confirm takes what the 2xx of our INVITE says about the way to the other side.
func (d *dialog) confirm(res *sip.Response) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if to := res.To(); to != nil {
		d.remote = *sip.HeaderClone(to).(*sip.ToHeader)
	}
	d.routes = nil
	for _, h := range res.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.Value())
	}
	slices.Reverse(d.routes)
	d.refresh(res.Contact())
	d.invited = res.CSeq().SeqNo
}

// retarget takes a new Contact from a request or response within the dialog.
func (d *dialog) retarget(c *sip.ContactHeader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refresh(c)
}

func (d *dialog) refresh(c *sip.ContactHeader) {
	if c != nil {
		d.target = *c.Address.Clone()
	}
}

// request makes the next request within the dialog. An ACK takes the number of
// its INVITE.
func (d *dialog) request(method sip.RequestMethod, body []byte) *sip.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	req := sip.NewRequest(method, *d.target.Clone())
	seq := d.invited
	if method != sip.ACK {
		d.seq++
		seq = d.seq
	}
	if method == sip.INVITE {
		d.invited = seq
	}
	callID := sip.CallIDHeader(d.callID)
	hops := sip.MaxForwardsHeader(70)
	for _, r := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	req.AppendHeader(sip.HeaderClone(&d.local))
	req.AppendHeader(sip.HeaderClone(&d.remote))
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	req.AppendHeader(&hops)
	req.SetBody(body)
	return req
}

// again numbers a request anew, to send it once more with credentials.
func (d *dialog) again(req *sip.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seq++
	req.CSeq().SeqNo = d.seq
	if req.IsInvite() {
		d.invited = d.seq
	}
}

// answer makes a response to an INVITE with the tag of our side.
func (d *dialog) answer(invite *sip.Request, code int, reason string, body []byte) *sip.Response {
	tagged := invite.Clone()
	if to := tagged.To(); !to.Params.Has("tag") {
		to.Params.Add("tag", d.localTag)
	}
	res := sip.NewResponseFromRequest(tagged, code, reason, body)
	if len(body) > 0 {
		kind := sip.ContentTypeHeader("application/sdp")
		res.AppendHeader(&kind)
	}
	return res
}

// checkRequest refuses a request that lacks what every request must have.
func checkRequest(req *sip.Request) error {
	switch {
	case req.From() == nil, req.To() == nil, req.CallID() == nil, req.CSeq() == nil, req.Via() == nil:
		return fmt.Errorf("read %s: a header that every request has is missing", req.Method)
	default:
		return nil
	}
}
