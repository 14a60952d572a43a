"""What an SSH server shows before anything is encrypted: banner, algorithms, host keys, groups. No cryptography."""
