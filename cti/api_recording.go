package cti

import (
	"net/http"
	"strings"

	"weibao/call"
	"weibao/routing"
)

// RecordingView is what becomes of the recording of a live call.
type RecordingView struct {
	On     bool        `json:"on"`    // the talk is, or was, recorded
	Fault  string      `json:"fault"` // why there is none, or not all of it
	Files  int         `json:"files"` // more than one when a disk took no more
	Paused bool        `json:"paused"`
	Pauses []PauseView `json:"pauses"`
}

// PauseView is a time in which the recording is silent.
type PauseView struct {
	From   moment          `json:"from"`
	To     moment          `json:"to"`
	By     routing.AgentID `json:"by"`
	Reason string          `json:"reason"`
}

func viewRecording(r *call.Recording) RecordingView {
	v := RecordingView{On: r.Wanted, Fault: r.Fault, Files: len(r.Parts), Paused: r.Paused(), Pauses: []PauseView{}}
	if r.Wanted {
		v.Files++
	}
	for _, p := range r.Pauses {
		v.Pauses = append(v.Pauses, PauseView{From: moment(p.From), To: moment(p.To), By: p.By, Reason: maskText(p.Reason)})
	}
	return v
}

type reasonBody struct {
	Reason string `json:"reason"`
}

// pauseRecording has the recording silent; everybody who sees the call sees it.
func (s *Server) pauseRecording(w http.ResponseWriter, r *http.Request) error {
	body, err := read[reasonBody](r)
	if err != nil {
		return err
	}
	if strings.TrimSpace(body.Reason) == "" {
		return problem(http.StatusBadRequest, `field "reason": want the reason`)
	}
	if err := short("reason", body.Reason, maxFieldText); err != nil {
		return err
	}
	by, _ := User(r)
	s.log.Warn("recording paused", "call", r.PathValue("id"), "by", by.ID)
	return s.wish(w, r, call.WishPause{Reason: body.Reason})
}
