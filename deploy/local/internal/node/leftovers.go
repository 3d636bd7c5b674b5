package node

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/moby/sys/mountinfo"
)

// killLeftovers ends the processes that the container runtime no longer knew: shims by the socket
// they were given, containers by their control group.
func killLeftovers() error {
	deadline := time.Now().Add(5 * time.Second)
	for {
		numbers := leftovers()
		if len(numbers) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("some of the pods' processes cannot be killed")
		}
		for _, number := range numbers {
			_ = syscall.Kill(number, syscall.SIGKILL)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func leftovers() []int {
	directories, _ := filepath.Glob("/proc/[0-9]*")
	var found []int
	for _, directory := range directories {
		number, err := strconv.Atoi(filepath.Base(directory))
		if err == nil && number != os.Getpid() && belongsToPod(directory) {
			found = append(found, number)
		}
	}
	return found
}

func belongsToPod(directory string) bool {
	command, _ := os.ReadFile(filepath.Join(directory, "cmdline"))
	if bytes.Contains(command, []byte("containerd-shim")) &&
		bytes.Contains(command, []byte(containerdSocket())) {
		return true
	}
	groups, _ := os.ReadFile(filepath.Join(directory, "cgroup"))
	return bytes.Contains(groups, []byte("/kubepods/"))
}

// unmountBelow unmounts all that is mounted below the directories, the innermost first.
func unmountBelow(directories ...string) error {
	mounts, err := mountinfo.GetMounts(func(mount *mountinfo.Info) (bool, bool) {
		return !slices.ContainsFunc(directories, func(directory string) bool {
			return strings.HasPrefix(mount.Mountpoint, directory+"/")
		}), false
	})
	if err != nil {
		return err
	}
	slices.SortFunc(mounts, func(a, b *mountinfo.Info) int {
		return len(b.Mountpoint) - len(a.Mountpoint)
	})
	var failures []error
	for _, mount := range mounts {
		if err := syscall.Unmount(mount.Mountpoint, syscall.MNT_DETACH); err != nil {
			failures = append(failures, &fs.PathError{Op: "unmount", Path: mount.Mountpoint, Err: err})
		}
	}
	return errors.Join(failures...)
}

// removeControlGroups removes the pods' groups; a group goes only after those inside it.
func removeControlGroups() error {
	roots, _ := filepath.Glob("/sys/fs/cgroup/*/kubepods")
	if _, err := os.Stat("/sys/fs/cgroup/kubepods"); err == nil {
		roots = append(roots, "/sys/fs/cgroup/kubepods")
	}
	var failures []error
	for _, root := range roots {
		failures = append(failures, removeGroupTree(root))
	}
	return errors.Join(failures...)
}

func removeGroupTree(root string) error {
	// One hierarchy can be mounted under two names: then the second is empty by now.
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var groups []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return err
	})
	for _, group := range slices.Backward(groups) {
		err = errors.Join(err, os.Remove(group))
	}
	return err
}
