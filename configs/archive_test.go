package configs

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// archive is a file of files, in the form that the go command calls txtar.
type archive struct {
	comment string
	files   []archiveFile
}

type archiveFile struct {
	name string
	data []byte
}

func readArchive(t testing.TB, name string) archive {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var a archive
	for line := range strings.Lines(string(data)) {
		title, isTitle := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- ")
		title, closed := strings.CutSuffix(title, " --")
		switch {
		case isTitle && closed:
			a.files = append(a.files, archiveFile{name: title})
		case len(a.files) == 0:
			a.comment += line
		default:
			last := &a.files[len(a.files)-1]
			last.data = append(last.data, line...)
		}
	}
	return a
}

func (a archive) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(a.comment)
	for _, f := range a.files {
		b.WriteString("-- " + f.name + " --\n")
		b.Write(f.data)
	}
	return b.Bytes()
}
