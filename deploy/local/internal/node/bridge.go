package node

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
)

// bridgeHardware is fixed: a bridge otherwise takes the address of a pod's interface, and changes
// it, unknown to its neighbours, when that pod goes.
const bridgeHardware = "02:00:0a:58:00:01"

// ensureBridge makes the pods' bridge before the first pod does: its address is what the API
// server, CoreDNS and the ingress listen on.
func ensureBridge() error {
	if _, err := net.InterfaceByName(bridgeName); err != nil {
		if err := run("ip", "link", "add", bridgeName, "address", bridgeHardware, "type", "bridge"); err != nil {
			return err
		}
	}
	if err := run("ip", "address", "replace", bridgeAddress+"/16", "dev", bridgeName); err != nil {
		return err
	}
	return run("ip", "link", "set", bridgeName, "up")
}

func removeBridge() error {
	if _, err := net.InterfaceByName(bridgeName); err != nil {
		return nil
	}
	return run("ip", "link", "delete", bridgeName)
}

// run executes a program of the machine and makes its complaint the error.
func run(program string, arguments ...string) error {
	output, err := exec.Command(program, arguments...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("`%s %s` failed: %s", program, strings.Join(arguments, " "),
			strings.TrimSpace(string(output)))
	}
	return err
}
