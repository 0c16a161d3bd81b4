package routing

// Turns are teams that are on duty in turn (轮班).
type Turns struct {
	// From is the day on which the first team begins; days before it are
	// counted back.
	From Date
	// Every is how many days a team's turn lasts.
	Every int
	Teams [][]OfficerID
}

// turn is whose turn it is so many days after the first one: dates are
// counted, so a day of 23 or 25 hours is a day.
func turn(days, every, teams int) int {
	if teams == 1 {
		return 0
	}
	return floorMod(floorDiv(days, every), teams)
}
