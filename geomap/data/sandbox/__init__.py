"""Files that others made are read in a process of their own, which can do little else.

``client`` asks ``server``, a process without network that holds geomap ready, to fork one reader
for each file; ``copies`` gives the reader a private copy under a fixed name, ``limits`` and
``walls`` bound what it can use and touch, ``answer`` brings the rows and the report back as plain
data. What the reader does wrong (too long, too large, a crash) is a finding like any other.
Other things than rows (street maps, walking networks, rasters) are had by ``made`` in the same way.

======================  =========================================  ================================
what                    Linux                                      other POSIX systems
======================  =========================================  ================================
time                    the client kills the reader, by the time   the same
                        it computes and by the clock
memory                  RLIMIT_DATA, and the client watches        RLIMIT_DATA where it is obeyed
files                   Landlock (5.13): the code and the private  the reader is told no other path
                        folder, nothing else; no rights, owners,
                        times or attributes (seccomp)
network                 no interface (a namespace of its own       Python refuses to open sockets;
                        where allowed), no socket (seccomp),       PROJ and GDAL are told not to
                        no TCP (Landlock, 6.7)
other programs          no fork, no exec (seccomp)                 Python refuses
formats of GDAL         the drivers in use; the others are gone    the same
secrets                 an environment of its own                  the same
======================  =========================================  ================================

Where the kernel lacks one of these (or a container forbids it), the others hold.
"""
