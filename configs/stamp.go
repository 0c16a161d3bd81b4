package configs

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// stamp is a hash of everything that Read may look at, with or without faults:
// two looks with the same stamp would read the same.
type stamp [sha256.Size]byte

// stampOf looks at the YAML files of a folder and of the folders in it. Links
// are followed, hidden names left out, as Read does.
func stampOf(files fs.FS) stamp {
	hash := sha256.New()
	look := func(folder string) (folders []string) {
		entries, err := fs.ReadDir(files, folder)
		fmt.Fprintf(hash, "%q %v\n", folder, err)
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			switch kind := path.Ext(name); {
			case strings.HasPrefix(entry.Name(), "."):
			case kind == ".yaml" || kind == ".yml":
				data, err := contents(files, name)
				fmt.Fprintf(hash, "%q %v %d\n", name, err, len(data))
				hash.Write(data)
			case isFolder(files, name):
				folders = append(folders, name)
			}
		}
		return folders
	}
	for _, folder := range look(".") {
		look(folder)
	}
	return stamp(hash.Sum(nil))
}

// isFolder follows links.
func isFolder(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.IsDir()
}
