package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inlineCode is `code` within a line.
var inlineCode = regexp.MustCompile("`([^`\n]+)`")

func TestCommandsNamedInTheTextForAdminsExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range readmes() {
		text, err := os.ReadFile(filepath.Join(readmeFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range inlineCode.FindAllStringSubmatch(string(text), -1) {
			words := strings.Fields(code[1])
			switch words[0] {
			case "weibao":
				if err := understood(words[1:]); err != nil {
					t.Errorf("%s: %s: %v", name, code[1], err)
				}
			case "make":
				for _, target := range words[1:] {
					if !strings.Contains(string(makefile), "\n"+target+":") {
						t.Errorf("%s: the Makefile has no target %s", name, target)
					}
				}
			}
		}
	}
}

// understood reports what is wrong with a command's words and flags.
func understood(words []string) error {
	cmd, rest, err := newRoot(streams{}).Find(words)
	switch {
	case err != nil:
		return err
	case !cmd.Runnable() && len(words) > 0:
		return errors.New("one word more is needed")
	}
	if err := cmd.ParseFlags(rest); err != nil || cmd.Args == nil {
		return err
	}
	return cmd.Args(cmd, cmd.Flags().Args())
}

func TestFilesNamedInTheTextForAdminsAreThere(t *testing.T) {
	t.Parallel()
	ofExamples := []string{"cases.yaml"}
	for _, name := range readmes() {
		text, err := os.ReadFile(filepath.Join(readmeFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range inlineCode.FindAllStringSubmatch(string(text), -1) {
			file := code[1]
			if strings.ContainsAny(file, " :*") || !strings.HasSuffix(file, ".yaml") && !strings.HasSuffix(file, "/") || slices.Contains(ofExamples, file) {
				continue
			}
			_, inside := os.Stat(filepath.Join(readmeFolder, file))
			if _, above := os.Stat(filepath.Join(readmeFolder, "..", file)); inside != nil && above != nil {
				t.Errorf("%s: there is no %s", name, file)
			}
		}
	}
}
