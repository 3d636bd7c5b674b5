package image

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// chroot prepares an overlay of the base image and runs the script in it. It is a shell script of
// its own because it must run inside new mount and process namespaces: whatever ends it, also the
// loss of its parent, ends everything it started and undoes every mount.
const chroot = `set -eu
mount --make-rprivate /
mkdir -p "$WORK/upper" "$WORK/scratch" "$WORK/root"
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$WORK/upper,workdir=$WORK/scratch" "$WORK/root"
mount -t proc proc "$WORK/root/proc"
mount --rbind /dev "$WORK/root/dev"
mount --bind "$(readlink -f /etc/resolv.conf)" "$WORK/root/etc/resolv.conf"
# No service is started by being installed.
printf '#!/bin/sh\nexit 101\n' >"$WORK/root/usr/sbin/policy-rc.d"
chmod 755 "$WORK/root/usr/sbin/policy-rc.d"
cp "$RECIPE/build.sh" "$WORK/root/.build.sh"
chroot "$WORK/root" /bin/sh /.build.sh
rm "$WORK/root/.build.sh" "$WORK/root/usr/sbin/policy-rc.d"
`

// runScript runs a recipe's script with its output in a log, which becomes part of the error.
func runScript(ctx context.Context, script *exec.Cmd, log string, variables ...string) error {
	// The kernel sends the death signal when the *thread* that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	output, err := os.Create(log)
	if err != nil {
		return err
	}
	defer output.Close()
	script.Stdout, script.Stderr = output, output
	script.Env = append(os.Environ(), variables...)
	script.Env = append(script.Env, "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	script.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
	}
	if err := script.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w; the end of %s:\n%s", err, log, lastLines(log))
	}
	return nil
}

func (r *recipe) runOnHost(ctx context.Context, work, mirror string) (string, error) {
	root := filepath.Join(work, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	script := exec.CommandContext(ctx, "sh", filepath.Join(r.directory, "build.sh"))
	return root, runScript(ctx, script, work+".log",
		"ROOT="+root, "RECIPE="+r.directory, "MIRROR="+mirror)
}

// runInChroot returns the directory that holds what the script changed.
func (r *recipe) runInChroot(ctx context.Context, work, lower, mirror string) (string, error) {
	script := exec.CommandContext(ctx, "sh", "-c", chroot)
	return filepath.Join(work, "upper"), runScript(ctx, script, work+".log",
		"WORK="+work, "LOWER="+lower, "RECIPE="+r.directory, "MIRROR="+mirror)
}

func lastLines(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
