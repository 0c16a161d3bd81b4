package configs

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Text is every file of a configuration in one text, each behind a line with
// its name, in the order of the names. It holds no secrets: those are in
// gateway.yaml and its files, which are left out.
func Text(files fs.FS) (string, error) {
	var text strings.Builder
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() || path.Ext(name) != ".yaml" || name == settingsName:
			return nil
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "-- %s --\n%s\n", name, content)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the configuration's text: %w", err)
	}
	return text.String(), nil
}
