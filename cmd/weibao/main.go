// Command weibao is the telephony gateway of a child-protection hotline. Its
// commands are described by `weibao help`.
package main

import (
	"os"
	_ "time/tzdata" // the rota is right on a host without a zone database
)

func main() { os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})) }
