package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/configs"
	"weibao/routing"
)

// The READMEs of configs/ are for admins, and are the tests of their own
// examples. Every section works on a copy of the shipped configuration; its
// fenced blocks count in their order:
//
//	diff     a change. "@@ plan.yaml @@" names the file, or "@@ draft/plan.yaml @@" beside configs; what
//	         stays and what goes must stand in it exactly once; a file that is not there yet has "+"
//	         lines only. "…" is a jump ahead.
//	console  "$ command", run where the copy is called configs, and what it prints, word for word;
//	         "…" is any text in a line, or any lines. It succeeds, unless the fence says "console fails".
//	         With "console gateway" one is running, see readmeGateway, and an answer may take a moment.
//	yaml     "# plan.yaml" names the file; the other lines stand in it like that, comments apart.
//
// There are no other blocks, so that nothing in them is only claimed.
type readmeBlock struct {
	kind string // diff, console or yaml
	how  string // of a console: nothing, fails or gateway
	line int
	text []string
}

type readmeSection struct {
	title  string
	blocks []readmeBlock
}

const readmeFolder = "../../configs"

// readmes are the languages; the first is the original.
func readmes() []string { return []string{"README.zh-CN.md", "README.md"} }

func readReadme(t *testing.T, name string) []readmeSection {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(readmeFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	sections := []readmeSection{{}}
	var open *readmeBlock
	for i, line := range strings.Split(string(text), "\n") {
		here := &sections[len(sections)-1]
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open == nil:
			kind, how, _ := strings.Cut(fence, " ")
			open = &readmeBlock{kind: kind, how: how, line: i + 1}
		case isFence:
			here.blocks = append(here.blocks, *open)
			open = nil
		case open != nil:
			open.text = append(open.text, line)
		case strings.HasPrefix(line, "#"):
			sections = append(sections, readmeSection{title: strings.TrimLeft(line, "# ")})
		}
	}
	return sections
}

var recipeTitle = regexp.MustCompile(`^\d+\. `)

// recipes are the numbered sections.
func recipes(sections []readmeSection) []readmeSection {
	return slices.DeleteFunc(slices.Clone(sections), func(s readmeSection) bool { return !recipeTitle.MatchString(s.title) })
}

func TestEveryExampleForAdminsIsWhatHappens(t *testing.T) {
	t.Parallel()
	for _, name := range readmes() {
		for _, section := range readReadme(t, name) {
			if len(section.blocks) == 0 {
				continue
			}
			t.Run(name+"/"+section.title, func(t *testing.T) {
				t.Parallel()
				s := &readmeStage{t: t, folder: t.TempDir()}
				if err := os.CopyFS(s.configs(), configs.Shipped()); err != nil {
					t.Fatal(err)
				}
				for _, block := range section.blocks {
					if err := s.try(block); err != nil {
						t.Errorf("%s:%d: %v", name, block.line, err)
					}
				}
			})
		}
	}
}

func TestRecipesAreTheSameInBothLanguages(t *testing.T) {
	t.Parallel()
	var told [][]string
	for _, name := range readmes() {
		all := recipes(readReadme(t, name))
		if len(all) < 10 {
			t.Errorf("%s has %d recipes, want 10 at least", name, len(all))
		}
		var lines []string
		for i, recipe := range all {
			if !strings.HasPrefix(recipe.title, fmt.Sprintf("%d. ", i+1)) {
				t.Errorf("%s: recipe %q is number %d", name, recipe.title, i+1)
			}
			lines = append(lines, recipe.languageless(i+1)...)
		}
		told = append(told, lines)
	}
	if diff := cmp.Diff(told[0], told[1]); diff != "" {
		t.Errorf("changes and commands, -%s +%s:\n%s", readmes()[0], readmes()[1], diff)
	}
}

func TestEveryRecipeChangesSomethingAndShowsHowToBeSure(t *testing.T) {
	t.Parallel()
	for _, name := range readmes() {
		for _, recipe := range recipes(readReadme(t, name)) {
			for _, kind := range []string{"diff", "console"} {
				if !slices.ContainsFunc(recipe.blocks, func(b readmeBlock) bool { return b.kind == kind }) {
					t.Errorf("%s: %s has no block %s", name, recipe.title, kind)
				}
			}
		}
	}
}

// languageless is what a recipe has in whatever language: changes, excerpts
// and commands.
func (s readmeSection) languageless(number int) []string {
	lines := []string{fmt.Sprint("recipe ", number)}
	for _, block := range s.blocks {
		for _, line := range block.text {
			if block.kind != "console" || strings.HasPrefix(line, "$ ") {
				lines = append(lines, strings.ReplaceAll(line, " --lang en", ""))
			}
		}
	}
	return lines
}

// readmeStage is where the examples of a section happen.
type readmeStage struct {
	t       *testing.T
	folder  string
	gateway string // the address of the running one
}

func (s *readmeStage) configs() string { return filepath.Join(s.folder, "configs") }

func (s *readmeStage) try(b readmeBlock) error {
	s.t.Helper()
	switch b.kind {
	case "diff":
		return b.change(s.configs())
	case "yaml":
		return b.quote(s.configs())
	case "console":
		return s.run(b)
	}
	return fmt.Errorf("a block of the kind %q is tested by nobody", b.kind)
}

// change makes the changes of a diff.
func (b readmeBlock) change(folder string) error {
	var file string
	var before, after []string
	apply := func() error {
		if file == "" || len(before)+len(after) == 0 {
			return nil
		}
		err := replaceLines(file, before, after)
		before, after = nil, nil
		return err
	}
	for _, line := range b.text {
		name, isFile := strings.CutPrefix(line, "@@ ")
		var err error
		switch {
		case isFile:
			err = apply()
			if file = filepath.Join(folder, strings.TrimSuffix(name, " @@")); strings.HasPrefix(name, "draft/") {
				file = filepath.Join(folder, "..", strings.TrimSuffix(name, " @@"))
			}
		case strings.TrimSpace(line) == "…":
			err = apply()
		case strings.HasPrefix(line, "-"):
			before = append(before, line[1:])
		case strings.HasPrefix(line, "+"):
			after = append(after, line[1:])
		default:
			before, after = append(before, strings.TrimPrefix(line, " ")), append(after, strings.TrimPrefix(line, " "))
		}
		if err != nil {
			return err
		}
	}
	return apply()
}

// replaceLines changes lines that stand in a file exactly once. Without lines
// to replace it makes the file.
func replaceLines(file string, before, after []string) error {
	if len(before) == 0 {
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: nothing says where the new lines go", file)
		}
		return os.WriteFile(file, []byte(strings.Join(after, "\n")+"\n"), 0o600)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	found := places(lines, before)
	if len(found) != 1 {
		return fmt.Errorf("%s has these lines %d times, want once:\n%s", file, len(found), strings.Join(before, "\n"))
	}
	lines = slices.Replace(lines, found[0], found[0]+len(before), after...)
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600)
}

// places are where some lines begin among others.
func places(lines, some []string) []int {
	var found []int
	for i := range len(lines) - len(some) + 1 {
		if slices.Equal(lines[i:i+len(some)], some) {
			found = append(found, i)
		}
	}
	return found
}

var yamlComment = regexp.MustCompile(`(^|\s+)#.*$`)

// quote compares an excerpt with its file.
func (b readmeBlock) quote(folder string) error {
	name, named := strings.CutPrefix(b.text[0], "# ")
	if !named {
		return errors.New("the first line names no file")
	}
	name, _, _ = strings.Cut(name, " ")
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	bare := func(lines []string) []string {
		var kept []string
		for _, line := range lines {
			if line = strings.TrimRight(yamlComment.ReplaceAllString(line, ""), " "); line != "" {
				kept = append(kept, line)
			}
		}
		return kept
	}
	if len(places(bare(strings.Split(string(text), "\n")), bare(b.text[1:]))) != 1 {
		return fmt.Errorf("%s does not read like that", name)
	}
	return nil
}

// run runs the commands of a block.
func (s *readmeStage) run(b readmeBlock) error {
	s.t.Helper()
	if b.how == "gateway" && s.gateway == "" {
		s.gateway = startReadmeGateway(s.t, s.folder)
	}
	var faults []error
	for i := 0; i < len(b.text); {
		command, isCommand := strings.CutPrefix(b.text[i], "$ ")
		if !isCommand {
			return fmt.Errorf("no command prints %q", b.text[i])
		}
		end := i + 1
		for end < len(b.text) && !strings.HasPrefix(b.text[end], "$ ") {
			end++
		}
		faults = append(faults, s.expect(b, command, b.text[i+1:end]))
		i = end
	}
	return errors.Join(faults...)
}

// expect runs a command until it prints what is shown; without a gateway that
// is at once or never.
func (s *readmeStage) expect(b readmeBlock, command string, shown []string) error {
	s.t.Helper()
	limit, again := time.NewTimer(20*time.Second), time.NewTicker(50*time.Millisecond)
	defer limit.Stop()
	defer again.Stop()
	for {
		got, good := s.shell(command)
		if good != (b.how == "fails") && printed(shown, got) {
			return nil
		}
		wrong := fmt.Errorf("$ %s\nsucceeds: %t\n-shown +printed:\n%s", command, good, cmp.Diff(shown, got))
		if b.how != "gateway" {
			return wrong
		}
		select {
		case <-again.C:
		case <-limit.C:
			return wrong
		}
	}
}

// shell runs a command and returns the lines that it prints. Reminders are left
// out: they come and go with the date.
func (s *readmeStage) shell(command string) (lines []string, good bool) {
	s.t.Helper()
	there, back := s.mimic()
	cmd := exec.CommandContext(s.t.Context(), "sh", "-c", there.Replace(command))
	cmd.Dir = s.folder
	cmd.Env = append(os.Environ(), "WEIBAO_HTTP_LISTEN="+s.gateway, "GORACE=atexit_sleep_ms=0") // else a second each
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	for line := range strings.Lines(back.Replace(out.String())) {
		if line = strings.TrimRight(line, " \n"); !strings.HasPrefix(line, "注意 warning") {
			lines = append(lines, line)
		}
	}
	return lines, err == nil
}

// mimic is what the text writes in the place of what holds here: the gateway's
// address, passwords, and 2026-12-01 for tomorrow, 2026-12-02 for the day after,
// because a gateway takes no overrides of the past.
func (s *readmeStage) mimic() (there, back *strings.Replacer) {
	if s.gateway == "" {
		return strings.NewReplacer(), strings.NewReplacer()
	}
	today := time.Now().In(routing.Beijing())
	day := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	return strings.NewReplacer("2026-12-01", day(1), "2026-12-02", day(2), "127.0.0.1:8080", s.gateway, "管理员的密码", readmePassword),
		strings.NewReplacer(day(1), "2026-12-01", day(2), "2026-12-02")
}

// printed reports that the lines shown are those printed.
func printed(shown, lines []string) bool {
	if len(shown) == 0 {
		return len(lines) == 0
	}
	if shown[0] == "…" {
		return printed(shown[1:], lines) || len(lines) > 0 && printed(shown, lines[1:])
	}
	return len(lines) > 0 && likeLine(shown[0], lines[0]) && printed(shown[1:], lines[1:])
}

func likeLine(shown, line string) bool {
	parts := strings.Split(shown, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(line)
}
