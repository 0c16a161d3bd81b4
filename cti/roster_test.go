package cti

import "testing"

func TestRosterIsOrderedAndKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	queues := []string{"a"}
	r := NewRoster([]Seat{{ID: "2", Queues: queues}, {ID: "1"}})
	queues[0] = "changed"
	if all := r.All(); len(all) != 2 || all[0].ID != "1" || all[1].Queues[0] != "a" {
		t.Errorf("roster is %v", all)
	}
	if _, ok := r.Find("3"); ok {
		t.Error("found nobody")
	}
	var none *Roster
	if _, ok := none.Find("1"); ok || none.All() != nil {
		t.Error("a nil roster has seats")
	}
}

func TestRolesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, role := range []Role{RoleAgent, RoleSupervisor, RoleProvince, RoleAdmin} {
		if got, err := ParseRole(role.String()); err != nil || got != role {
			t.Errorf("%s is read as %s, %v", role, got, err)
		}
	}
	for _, word := range []string{"none", "", "root"} {
		if _, err := ParseRole(word); err == nil {
			t.Errorf("%q is a role", word)
		}
	}
}

func TestProvinceSeesAllAndActsOnItsOwn(t *testing.T) {
	t.Parallel()
	for role, want := range map[Role][2]bool{
		NoRole: {false, false}, RoleAgent: {false, false}, RoleSupervisor: {true, true}, RoleProvince: {true, false}, RoleAdmin: {true, true},
	} {
		if got := [2]bool{role.SeesAll(), role.ActsOnAll()}; got != want {
			t.Errorf("%s: %v, want %v", role, got, want)
		}
	}
}
