module elfcorehdr

go 1.19
