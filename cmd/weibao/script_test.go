package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"weibao/configs"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weibao": main})
}

// The command line, word for word: testdata/script/*.txtar. Each runs in an
// empty directory with the shipped configuration in $CONFIGS.
func TestTheCommandLineSaysWhatTheScriptsSay(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CONFIGS", env.WorkDir+"/shipped")
			env.Setenv("WEIBAO_HTTP_LISTEN", "127.0.0.1:0")
			return os.CopyFS(env.WorkDir+"/shipped", configs.Shipped())
		},
	})
}
