package configs

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml menus/*.yaml rota/*.yaml holidays/*.yaml schema/*.json
var shipped embed.FS

// Shipped is the configuration of Jilin as it stands beside this package, so
// that the program can check and explain in an empty directory. The schemas for
// editors go with it.
func Shipped() fs.FS { return shipped }
