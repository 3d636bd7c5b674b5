package node

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func lockPath() string { return runPath("supervisor.lock") }

// lockSupervisor is held for a supervisor's whole life, and released by the kernel at its death.
func lockSupervisor() (*os.File, error) {
	if err := os.MkdirAll(runRoot, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(lockPath(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := takeLock(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("another supervisor runs already (%s): %w", lockPath(), err)
	}
	if err := file.Truncate(0); err != nil {
		return nil, err
	}
	_, err = file.WriteString(strconv.Itoa(os.Getpid()))
	return file, err
}

// takeLock tries for a while: whoever asks whether a supervisor runs holds the lock for a moment.
func takeLock(file *os.File) error {
	deadline := time.Now().Add(2 * time.Second)
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(7 * time.Millisecond)
	}
}

// runningSupervisor is the number of the process that holds the lock, or 0.
func runningSupervisor() int {
	file, err := os.OpenFile(lockPath(), os.O_RDWR, 0)
	if err != nil {
		return 0
	}
	defer file.Close()
	if syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return 0
	}
	content, err := os.ReadFile(lockPath())
	if err != nil {
		return 0
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0
	}
	return number
}

// stopSupervisor asks the supervisor to end, and insists after a minute.
func stopSupervisor() error {
	deadline := time.Now().Add(time.Minute)
	signal := syscall.SIGTERM
	for {
		number := runningSupervisor()
		if number == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			signal = syscall.SIGKILL
		}
		if err := syscall.Kill(number, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the supervisor (process %d): %w", number, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
