"""What people and programs reach over HTTP: answers by signed links, imports."""
