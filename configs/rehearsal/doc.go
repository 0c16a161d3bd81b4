// Package rehearsal puts calls that really came through another configuration
// and says for each what would have been different, and whether it would have
// been worse for the caller.
//
// # What is worse
//
// What the caller pressed is walked through the new menus as it was pressed,
// and the plan decides with it. Worse is then:
//
//   - The first telephone that rings a person rings later: with every seat busy,
//     or with every seat absent. This is the longest that a caller can wait.
//   - Seats that were asked after some time are asked later or not at all, and
//     by then fewer seats of the same abilities are asked than before. A queue
//     that only changes its name, or a person in it, is not worse.
//   - The seat that really answered would not be asked until later than that.
//   - At that hour fewer telephones of duty officers are rung, or the place's own
//     post has given way to one above it.
//   - For 110 at the place, or for a post of the province without shifts that is
//     told of emergencies, a number is missing, the first is another one, or there
//     is none.
//
// Another route, another officer on duty, other keys or seats with the same
// reach are changes, which are told and are not worse.
package rehearsal
