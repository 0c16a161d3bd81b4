package cti

import (
	"net/http"

	"weibao/call"
	"weibao/routing"
)

// NoticeView is a notice as the API shows it.
type NoticeView struct {
	N     uint64          `json:"n"`
	At    moment          `json:"at"`
	Kind  string          `json:"kind"`
	Agent routing.AgentID `json:"agent"`
	Call  call.ID         `json:"call"`
	Say   string          `json:"say"`
}

func viewNotice(n Notice) NoticeView {
	return NoticeView{N: n.N, At: moment(n.At), Kind: n.Kind, Agent: n.Agent, Call: n.Call, Say: maskText(n.Say)}
}

type noticesReply struct {
	Notices []NoticeView `json:"notices"`
}

func (s *Server) listNotices(w http.ResponseWriter, r *http.Request) error {
	reply := noticesReply{Notices: []NoticeView{}}
	for _, n := range s.hub.Notices() {
		reply.Notices = append(reply.Notices, viewNotice(n))
	}
	s.reply(w, r, http.StatusOK, reply)
	return nil
}
