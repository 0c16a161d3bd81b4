package node

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed etc/*.conf
var etc embed.FS

// trunk is a SIP peer for outside numbers.
type trunk struct{ Name, Addr string }

// view is what the templates see.
type view struct {
	Options
	Modules, EntityID string
	Trunks            []trunk
}

// Render makes the node's folders and writes its configuration, owned by the user who will run it.
func Render(o Options) error {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return err
	}
	p, err := find(o.Root)
	if err != nil {
		return err
	}
	who, err := o.account()
	if err != nil {
		return err
	}
	if err := o.folders(p); err != nil {
		return fmt.Errorf("folders of node %s: %w", o.Name, err)
	}
	if err := o.write(p); err != nil {
		return fmt.Errorf("configuration of node %s: %w", o.Name, err)
	}
	return who.Own(o.Dir)
}

// folders makes what Asterisk does not make itself; without spool/recording every recording is an error.
func (o Options) folders(p program) error {
	// The configuration is always whole: a file of an older version must not stay behind.
	if err := os.RemoveAll(filepath.Join(o.Dir, "etc")); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(o.Dir, "share")); err != nil {
		return err
	}
	for _, d := range []string{"etc", "run", "log", "spool/recording", "spool/monitor", "lib/keys", "cache", "share"} {
		if err := os.MkdirAll(filepath.Join(o.Dir, d), 0o750); err != nil {
			return err
		}
	}
	links := map[string]string{
		"documentation": filepath.Join(p.data, "documentation"),
		"rest-api":      filepath.Join(p.data, "rest-api"),
	}
	if o.Sounds != "" {
		links["sounds"] = o.Sounds
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(o.Dir, "share", name)); err != nil {
			return err
		}
	}
	return nil
}

func (o Options) write(p program) error {
	v := view{
		Options: o, Modules: p.modules, EntityID: o.entityID(),
		Trunks: []trunk{{"carrier", o.Carrier}, {"police", o.Police}},
	}
	names, err := fs.Glob(etc, "etc/*.conf")
	if err != nil {
		return err
	}
	for _, name := range names {
		t, err := template.ParseFS(etc, name)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, v); err != nil {
			return err
		}
		// Passwords stand in some of these files.
		if err := os.WriteFile(filepath.Join(o.Dir, name), b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	return nil
}
