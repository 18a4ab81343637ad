using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using MailKit.Net.Smtp;

namespace DeviceMail.Tests.Stories;

/// <summary>A disk of 24 MB that is really full.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class FullDiskTests : IAsyncDisposable
{
    private const string Anna = "anna@contoso.example";
    private readonly Folder _folder = new();
    private bool _isMounted;

    [Fact]
    public async Task A_full_disk_is_told_before_the_data_and_mail_is_taken_again_by_itself()
    {
        await MountAsync();
        await using var gateway = await Gateway.StartProcessAsync(_folder.In("disk"));
        await gateway.DoAsync("settings", "set", "queue.min-free-space", "4194304");
        await gateway.SignInAsync();
        await gateway.HandInAsync("before", Anna);
        await gateway.ArrivesAsync(Anna);
        var filler = FillUntil(3 << 20);
        using (var device = await MailDevice.ConnectAsync(gateway.SmtpPort))
        {
            var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => MailDevice.HandInAsync(device, MailDevice.Message("while", "a scan"), Anna));
            // At MAIL, before any octet of the message.
            Assert.Equal((SmtpErrorCode.SenderNotAccepted, 452), (refused.ErrorCode, (int)refused.StatusCode));
            Assert.StartsWith("4.3.1", refused.Message, StringComparison.Ordinal);
        }
        File.Delete(filler);
        await gateway.HandInAsync("after", Anna);
        await gateway.ArrivesAsync(Anna, mail => mail.Content.Header("Subject") == "after");
    }

    [Fact]
    public async Task A_disk_that_becomes_full_in_the_middle_of_a_message_is_told_too_and_leaves_nothing()
    {
        await MountAsync();
        await using var gateway = await Gateway.StartProcessAsync(_folder.In("disk"));
        await gateway.DoAsync("settings", "set", "queue.min-free-space", "1048576");
        await gateway.SignInAsync();
        var filler = FillUntil(6 << 20);
        // The device says nothing of the size beforehand.
        using (var device = new TcpDevice(gateway.SmtpPort))
        {
            var line = new string('a', 998) + "\r\n";
            var reply = await device.HandInAsync(Anna, "Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat(line, 12_000)));
            Assert.StartsWith("452 4.3.1", reply, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(Path.Combine(gateway.DataPath, "spool")));
            Assert.StartsWith("250 2.0.0 Kept", await device.HandInAsync(Anna, "Subject: small\r\n\r\nhello\r\n"), StringComparison.Ordinal);
        }
        File.Delete(filler);
        await gateway.ArrivesAsync(Anna, mail => mail.Content.Header("Subject") == "small");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isMounted) Assert.Equal(0, (await Tool.RunAsync("umount", "-l", _folder.In("disk"))).ExitCode);
        _folder.Dispose();
    }

    private async Task MountAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "needs root: a small disk of its own is mounted");
        Directory.CreateDirectory(_folder.In("disk"));
        var mount = await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", _folder.In("disk"));
        Assert.SkipUnless(mount.ExitCode == 0, $"no disk can be mounted here: {mount.Errors.Trim()}");
        _isMounted = true;
    }

    /// <summary>Fills the disk until so many octets are left.</summary>
    private string FillUntil(long left)
    {
        var path = _folder.In("disk/filler");
        using var file = File.Create(path);
        var block = new byte[64 << 10];
        while (new DriveInfo(_folder.In("disk")).AvailableFreeSpace > left) file.Write(block);
        return path;
    }
}
