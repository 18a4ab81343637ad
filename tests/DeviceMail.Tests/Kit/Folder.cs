namespace DeviceMail.Tests.Kit;

/// <summary>A folder of a test's own, removed with all it holds.</summary>
public sealed class Folder : IDisposable
{
    public Folder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"devicemail-test-{Guid.NewGuid():N}");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
