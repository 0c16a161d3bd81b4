package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "版本 which build this is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(io.out, versionLine())
			return err
		},
	}
}

// versionLine tells the build, the compiler and the ARI client from what the
// compiler has written into the binary.
func versionLine() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "weibao (no build information)"
	}
	commit, dirty := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	ari := "none"
	for _, dep := range info.Deps {
		if dep.Path == "github.com/CyCoreSystems/ari/v5" {
			ari = dep.Version
		}
	}
	return fmt.Sprintf("weibao %s commit %s%s %s ari %s", info.Main.Version, commit, dirty, info.GoVersion, ari)
}
