package call

import "testing"

func TestACityWithoutAQueueLeavesWhatIsOwedToTheSupervisors(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "222400")
	if owed := must[KeepRecord](s, s.leaves("caller", HungUp)).Call.FollowUp; owed.Owner != "supervisors" || owed.Region != "222400" {
		t.Errorf("follow-up %+v", owed)
	}
}

func TestWhatTheCallerAskedForByKeyIsNotMadeLess(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	s.c.FollowUp = FollowUp{ID: "c1", Kind: RingBack, Promised: true, Safe: Unsafe, Owner: "province", Since: s.now, Due: s.now}
	if owed := must[KeepRecord](s, s.leaves("caller", HungUp)).Call.FollowUp; owed.Kind != RingBack || !owed.Promised || owed.Safe != Unsafe {
		t.Errorf("follow-up %+v", owed)
	}
}
