"""Scripts that carry out fixes: what a fix touches, what a person must do, and the texts in shell and Ansible."""
