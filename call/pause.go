package call

import (
	"strings"

	"weibao/routing"
)

// A recording is never stopped while the call lives. What a supervisor can do
// is have it write silence for a while, for a reason: a password that must be
// said, a name that must not be kept. It stands in the record, whoever looks
// at the call sees it, and it ends by itself.

// alarmPause: the recording goes on by itself.
const alarmPause Alarm = "pause"

// pauseRecording has the recording silent from now on.
func (t *turn) pauseRecording(by routing.AgentID, reason string) string {
	r := &t.c.Recording
	switch {
	case strings.TrimSpace(reason) == "":
		return "暂停录音要写明原因"
	case r.Off || !r.Wanted:
		return "这通电话没有录音"
	case r.File != "" || r.Fault != "":
		return "录音已经结束"
	case r.Paused():
		return "录音已由 " + string(r.Pauses[len(r.Pauses)-1].By) + " 暂停"
	}
	r.Pauses = append(r.Pauses, Pause{From: t.at, By: by, Reason: reason})
	t.do(Mute{Name: r.Name, On: true})
	t.setAlarm(alarmPause, t.g.Times.Pause)
	t.note("RECPAUSE", nil, string(by)+" "+reason)
	return ""
}

// resumeRecording has it hear again; by is empty when the time is over.
func (t *turn) resumeRecording(by routing.AgentID) string {
	r := &t.c.Recording
	if !r.Paused() {
		return "录音没有暂停"
	}
	r.Pauses[len(r.Pauses)-1].To = t.at
	t.clearAlarm(alarmPause)
	t.do(Mute{Name: r.Name, On: false})
	t.note("RECRESUME", nil, string(by))
	return ""
}

// pauseOver: the time of a pause is over, or the last attempt to end one has
// failed.
func (t *turn) pauseOver() {
	if t.c.Recording.Paused() {
		t.resumeRecording("")
	} else if t.c.Phase < Closing {
		t.do(Mute{Name: t.c.Recording.Name, On: false})
	}
}

// muteFailed: a pause that could not be begun is none; one that could not be
// ended is tried to be ended until it is.
func (t *turn) muteFailed(cmd Mute, why string) {
	r := &t.c.Recording
	t.note("FAULT", nil, "mute: "+why)
	switch {
	case cmd.On && r.Paused():
		r.Pauses[len(r.Pauses)-1].To = t.at
		t.note("RECRESUME", nil, "没有暂停成功")
		t.setAlarm(alarmPause, t.g.Times.Mend) // it may have been done all the same
	case !cmd.On && t.c.Phase < Closing && r.File == "" && r.Fault == "":
		t.setAlarm(alarmPause, t.g.Times.Mend)
	}
}

// moved: the recording goes on in another file; a pause goes with it.
func (t *turn) moved(ev Recorded) {
	r := &t.c.Recording
	if !r.Wanted || r.File != "" || r.Name == ev.Next {
		return // told twice, or too late
	}
	if ev.File != "" {
		r.Parts = append(r.Parts, RecordingPart{File: ev.File, Length: ev.Length, Fault: ev.Fault})
		t.note("RECMOVED", nil, ev.Fault)
	}
	r.Name = ev.Next
	if r.Paused() {
		t.do(Mute{Name: r.Name, On: true})
	}
}
