# SPDX-License-Identifier: GPL-2.0-only
#
# The boot sector of the emulated Intel host: reads an unpacked Linux kernel and
# its initramfs from the sectors behind it and starts the kernel the way
# hypervisors do (PVH: 32 bits, no paging, %ebx points to hvm_start_info; see
# arch/x86/platform/pvh in Linux). That takes a second, where a boot loader that
# reads by way of the BIOS, and the kernel's own unpacking, take a minute each.
#
# emulator-bochs defines the names that are in capitals but not defined here.

	.set	BOOT_SECTOR, 0x7c00	# where the BIOS puts it
	.set	MEMORY_MAP, 0x9000
	.set	SEEN, 0x7f		# CMOS byte: has been here before
	.set	SECTORS_AT_ONCE, 128

	.code16
	.globl	_start
_start:
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$BOOT_SECTOR, %sp

# A machine that starts again, after a panic, is switched off: CMD runs once.
	movb	$SEEN, %al
	outb	%al, $0x70
	inb	$0x71, %al
	cmpb	$SEEN, %al
	jne	1f
	movw	$0xb004, %dx		# ACPI's PM1a control, as the BIOS has set it up
	movw	$0x2000, %ax		# sleep enable, S5
	outw	%ax, %dx
1:	movb	$SEEN, %al
	outb	%al, $0x71

# The memory map: the BIOS gives entries of 20 bytes, PVH wants 24.
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	movw	$MEMORY_MAP, %di
1:	movl	$0xe820, %eax
	movl	$0x534d4150, %edx	# "SMAP"
	movl	$20, %ecx
	movl	$0, 20(%di)
	int	$0x15
	jc	1f
	incl	%ebp
	addw	$24, %di
	testl	%ebx, %ebx
	jnz	1b

1:	cli
	inb	$0x92, %al
	orb	$2, %al			# A20
	outb	%al, $0x92
	lgdt	gdt_register
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmp	$8, $1f

	.code32
1:	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	cld
	movl	$1, %ebx
	movl	$start_info, %edi
	movl	$(end - start_info) / 512, %esi
	call	read
	movl	%ebp, memory_map_entries
	movl	$KERNEL_ADDRESS, %edi
	movl	$KERNEL_SECTORS, %esi
	call	read
	movl	$INITRD_ADDRESS, %edi
	movl	$INITRD_SECTORS, %esi
	call	read
	movl	$start_info, %ebx
	movl	$KERNEL_ENTRY, %eax
	jmp	*%eax

# Read %esi sectors, from %ebx on, to %edi; leaves %ebx and %edi behind them.
read:	movl	$SECTORS_AT_ONCE, %ecx
	cmpl	%ecx, %esi
	jae	1f
	movl	%esi, %ecx
1:	subl	%ecx, %esi
	movw	$0x1f2, %dx		# count, then LBA from its low byte up
	movb	%cl, %al
	outb	%al, %dx
	movl	%ebx, %eax
	orl	$0xe0000000, %eax	# LBA mode, first drive
1:	incw	%dx
	outb	%al, %dx
	shrl	$8, %eax
	cmpw	$0x1f6, %dx
	jne	1b
	incw	%dx
	movb	$0x20, %al		# read sectors
	outb	%al, %dx
	addl	%ecx, %ebx
1:	movw	$0x1f7, %dx
2:	inb	%dx, %al
	andb	$0x88, %al		# busy, data request
	cmpb	$0x08, %al
	jne	2b
	pushl	%ecx
	movw	$0x1f0, %dx
	movl	$256, %ecx
	rep insw
	popl	%ecx
	loop	1b
	testl	%esi, %esi
	jnz	read
	ret

	.balign	8
gdt:	.quad	0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_register:
	.word	. - gdt - 1
	.long	gdt

	.org	_start + 510
	.word	0xaa55

# From here on it is in the next sectors, which `read` brings in first.
start_info:
	.long	0x336ec578, 1, 0, 1	# magic, version, flags, modules
	.quad	modules, command_line, 0, MEMORY_MAP
memory_map_entries:
	.long	0, 0
modules:
	.quad	INITRD_ADDRESS, INITRD_SIZE, 0, 0
command_line:
	.incbin	"cmdline"
	.byte	0
	.org	_start + 4096
end:
