using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Storage;

public sealed class DurableFileTests
{
    [Fact]
    public void A_failed_sync_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a file system that cannot be synced");
        // procfs has no fsync: EINVAL. .NET's own flush says nothing.
        Assert.Throws<StorageFailedException>(() => DurableFile.SyncFolder("/proc/self"));
        Assert.Throws<StorageFailedException>(() => DurableFile.SyncFolder("/nowhere"));
    }

    [Fact]
    public void A_new_file_takes_the_old_ones_place_for_its_owner_alone()
    {
        using var folder = new Folder();
        var path = folder.In("small");
        DurableFile.Replace(path, "old"u8);
        DurableFile.Replace(path, "new"u8);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_replacement_that_fails_leaves_nothing_behind()
    {
        using var folder = new Folder();
        Directory.CreateDirectory(folder.In("small"));
        Assert.Throws<StorageFailedException>(() => DurableFile.Replace(folder.In("small"), "new"u8));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_that_is_there_is_never_written_over()
    {
        using var folder = new Folder();
        File.WriteAllText(folder.In("mail"), "promised");
        Assert.Throws<StorageFailedException>(() => DurableFile.Create(folder.In("mail")));
        Assert.Equal("promised", File.ReadAllText(folder.In("mail")));
    }
}
