package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// oldestNode is the least major version of Node.js that yaml-language-server
// and its parts are made for.
const oldestNode = 18

// nodejs brings Node.js and npm, with which the tests of the editor run.
func nodejs(ctx context.Context) (string, error) {
	if _, err := install(ctx, []need{tool("node", "nodejs"), tool("npm", "npm")}); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("node --version: %w", err)
	}
	version := strings.TrimSpace(string(out))
	if nodeMajor(version) < oldestNode {
		todo := fmt.Sprintf("安装 Node.js %d 或更新的 install Node.js %d or newer", oldestNode, oldestNode)
		return "", stuck(todo, errors.New("Node.js "+version+" is too old"))
	}
	return version, nil
}

// nodeMajor is 18 of v18.20.4; 0 when it can not be told.
func nodeMajor(version string) int {
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}
