package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"weibao/configs"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weibao": main})
}

// The command line, word for word: testdata/script/*.txtar. Each runs in an
// empty directory with the shipped configuration in $CONFIGS, a small province
// in $SMALL, and the example of a table of expectations as $CASES.
func TestTheCommandLineSaysWhatTheScriptsSay(t *testing.T) {
	t.Parallel()
	example, err := filepath.Abs("../../configs/testdata/cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CONFIGS", env.WorkDir+"/shipped")
			env.Setenv("WEIBAO_HTTP_LISTEN", "127.0.0.1:0")
			env.Setenv("SMALL", env.WorkDir+"/small")
			env.Setenv("CASES", example)
			return errors.Join(
				os.CopyFS(env.WorkDir+"/shipped", configs.Shipped()),
				os.CopyFS(env.WorkDir+"/small", os.DirFS("testdata/small")),
				os.CopyFS(env.WorkDir+"/small/holidays", os.DirFS("../../configs/holidays")),
			)
		},
	})
}
