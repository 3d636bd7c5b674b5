package image

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// findMirror asks apt which Debian archive this machine uses, in whichever form its sources are
// written. Apt thinks about it for seconds, so it is asked only when an image has to be made.
func findMirror(ctx context.Context) (string, error) {
	ask := exec.CommandContext(ctx, "apt-get", "indextargets",
		"--format", "$(ORIGIN) $(LABEL) $(REPO_URI)", "Identifier: Packages")
	output, err := ask.Output()
	if err != nil {
		return "", fmt.Errorf("ask apt for the Debian archive: %w", err)
	}
	for line := range strings.Lines(string(output)) {
		if uri, found := strings.CutPrefix(strings.TrimSpace(line), "Debian Debian "); found {
			return strings.TrimSuffix(uri, "/"), nil
		}
	}
	return "", errors.New("apt knows no Debian archive: run `apt-get update`, and look at " +
		"/etc/apt/sources.list.d")
}
