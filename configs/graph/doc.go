// Package graph draws a configuration: where calls come in, which route takes
// them, whom its steps ask and when, the queues with their seats, and who is on
// duty. The picture is an SVG for a page of paper or a diagram of Mermaid.
//
// # Why it is drawn here
//
// What can happen to a call follows from the files alone, so nothing outside is
// asked for it, and the same files and the same instant give the same picture,
// byte by byte. The layout is a small one of its own: columns of boxes, and
// lines that bend only between the columns, so that no line runs through a box.
package graph
