package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// changedSettings are the kernel's settings that we, kube-proxy and the kubelet change.
var changedSettings = []string{
	"net/ipv4/ip_forward",
	"net/ipv4/conf/all/route_localnet",
	"net/bridge/bridge-nf-call-iptables",
	"vm/overcommit_memory",
	"vm/panic_on_oom",
	"kernel/panic",
	"kernel/panic_on_oops",
	"kernel/keys/root_maxkeys",
	"kernel/keys/root_maxbytes",
}

func settingsBefore() string { return runPath("settings-before.json") }

// changeSettings remembers what was, once, and lets the machine forward the pods' packets.
func changeSettings() error {
	if err := rememberSettings(); err != nil {
		return fmt.Errorf("remember the kernel's settings: %w", err)
	}
	for _, name := range []string{"net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables"} {
		if err := os.WriteFile(filepath.Join("/proc/sys", name), []byte("1"), 0); err != nil {
			return fmt.Errorf("set %s to 1: %w", name, err)
		}
	}
	return nil
}

func rememberSettings() error {
	if _, err := os.Stat(settingsBefore()); err == nil {
		return nil
	}
	before := map[string]string{}
	for _, name := range changedSettings {
		value, err := os.ReadFile(filepath.Join("/proc/sys", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		before[name] = string(value)
	}
	encoded, err := json.Marshal(before)
	if err != nil {
		return err
	}
	return writeFile(settingsBefore(), encoded, 0o600)
}

// restoreSettings puts back what changeSettings remembered.
func restoreSettings() error {
	encoded, err := os.ReadFile(settingsBefore())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var before map[string]string
	if err := json.Unmarshal(encoded, &before); err != nil {
		return err
	}
	var failures []error
	for name, value := range before {
		path := filepath.Join("/proc/sys", name)
		// Some settings refuse even their own value, so only what differs is written.
		if now, err := os.ReadFile(path); err == nil && string(now) != value {
			failures = append(failures, os.WriteFile(path, []byte(value), 0))
		}
	}
	return errors.Join(failures...)
}
