// Tenantry-node is all of Kubernetes in one program, for one machine.
//
// Called by the name of a component (through a link, or as the first argument) it is that
// component: `tenantry-node kubelet …`, `kubectl …`. `tenantry-node node up|down` runs all of them as
// one cluster.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const program = "tenantry-node"

func main() {
	name, arguments := invoked(os.Args)
	run, known := components()[name]
	if !known {
		fmt.Fprintf(os.Stderr, "%s: no component is called %q\n", program, name)
		os.Exit(2)
	}
	// Every component parses os.Args by itself, as if it were a program of its own.
	os.Args = append([]string{name}, arguments...)
	os.Exit(run())
}

// invoked tells which component is meant, and its arguments.
func invoked(args []string) (string, []string) {
	name := filepath.Base(args[0])
	if name == program && len(args) > 1 {
		return args[1], args[2:]
	}
	return name, args[1:]
}
