<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Accepting</name>
    <message>
        <source>Accept prediction</source>
        <translation>接受预测</translation>
    </message>
    <message>
        <source>Accept keypoints above {0}</source>
        <translation>接受得分高于 {0} 的关键点</translation>
    </message>
    <message>
        <source>No predicted keypoint is selected.</source>
        <translation>没有选中预测的关键点。</translation>
    </message>
    <message>
        <source>Click one first.</source>
        <translation>请先单击一个。</translation>
    </message>
    <message>
        <source>Accept {0}</source>
        <translation>接受 {0}</translation>
    </message>
    <message>
        <source>Accept and move {0}</source>
        <translation>接受并移动 {0}</translation>
    </message>
    <message>
        <source>There is no prediction to accept.</source>
        <translation>没有可接受的预测。</translation>
    </message>
    <message>
        <source>Train a model, or wait until the engine is ready.</source>
        <translation>请训练模型，或等待引擎就绪。</translation>
    </message>
    <message>
        <source>Every predicted subject is labelled already.</source>
        <translation>每个预测的对象都已标注。</translation>
    </message>
    <message>
        <source>Click a ghost first to replace the label under it by the prediction.</source>
        <translation>请先单击一个虚影，再用预测替换其下的标注。</translation>
    </message>
</context>
<context>
    <name>AppearancePanel</name>
    <message>
        <source>&amp;Channel</source>
        <translation>通道(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Invert</source>
        <translation>反相(&amp;I)</translation>
    </message>
    <message>
        <source>Re&amp;set</source>
        <translation>重置(&amp;S)</translation>
    </message>
    <message>
        <source>Show images as they are</source>
        <translation>按原样显示图像</translation>
    </message>
    <message>
        <source>Only what you see is adjusted. The files and what the model sees stay.</source>
        <translation>只调整你看到的画面。文件和模型所见的内容不变。</translation>
    </message>
    <message>
        <source>&amp;Brightness</source>
        <translation>亮度(&amp;B)</translation>
    </message>
    <message>
        <source>Brighter or darker throughout</source>
        <translation>整体变亮或变暗</translation>
    </message>
    <message>
        <source>Co&amp;ntrast</source>
        <translation>对比度(&amp;N)</translation>
    </message>
    <message>
        <source>Further from the middle grey, or nearer</source>
        <translation>远离或靠近中间灰</translation>
    </message>
    <message>
        <source>Gamm&amp;a</source>
        <translation>伽马(&amp;A)</translation>
    </message>
    <message>
        <source>To the right: more to see where it is dark</source>
        <translation>向右：暗处能看到更多</translation>
    </message>
    <message>
        <source>&amp;Local</source>
        <translation>局部(&amp;L)</translation>
    </message>
    <message>
        <source>Local contrast (CLAHE): structure in flat regions</source>
        <translation>局部对比度 (CLAHE)：显出平坦区域的结构</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>All, in colour</source>
        <translation>全部，彩色</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>红</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>绿</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>灰</translation>
    </message>
</context>
<context>
    <name>AugmentationDialog</name>
    <message>
        <source>Augmentation</source>
        <translation>数据增强</translation>
    </message>
    <message>
        <source>Kind of images</source>
        <translation>图像类型</translation>
    </message>
    <message>
        <source>The values of the preset</source>
        <translation>预设的取值</translation>
    </message>
</context>
<context>
    <name>BoxTool</name>
    <message>
        <source>Drag a box around the subject; its sides and corners can be moved. Escape ends.</source>
        <translation>在对象周围拖出一个框；其边和角可以移动。Esc 结束。</translation>
    </message>
</context>
<context>
    <name>CanvasView</name>
    <message>
        <source>Canvas</source>
        <translation>画布</translation>
    </message>
    <message>
        <source>{1} moves {0} more keypoints to their rings, Esc leaves them</source>
        <translation>{1} 将另外 {0} 个关键点移到各自的圆环，Esc 保持不动</translation>
    </message>
    <message>
        <source>{1} moves one more keypoint to its ring, Esc leaves it</source>
        <translation>{1} 将另外一个关键点移到其圆环，Esc 保持不动</translation>
    </message>
    <message>
        <source>Follows the subject ({0})</source>
        <translation>跟随对象 ({0})</translation>
    </message>
    <message>
        <source>Adjusted view ({0})</source>
        <translation>调整后的视图 ({0})</translation>
    </message>
    <message>
        <source>Ask about this place</source>
        <translation>就此处提问</translation>
    </message>
</context>
<context>
    <name>CheatSheetDialog</name>
    <message>
        <source>Keyboard and mouse</source>
        <translation>键盘与鼠标</translation>
    </message>
    <message>
        <source>Search by command or key</source>
        <translation>按命令或按键搜索</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>On the canvas</source>
        <translation>在画布上</translation>
    </message>
    <message>
        <source>No command fits these words.</source>
        <translation>没有符合这些词的命令。</translation>
    </message>
</context>
<context>
    <name>ChoiceDelegate</name>
    <message>
        <source>Both</source>
        <translation>两者</translation>
    </message>
    <message>
        <source>Ours</source>
        <translation>我方</translation>
    </message>
    <message>
        <source>Theirs</source>
        <translation>对方</translation>
    </message>
</context>
<context>
    <name>ClickToFix</name>
    <message>
        <source>There is no suggestion to take.</source>
        <translation>没有可采用的建议。</translation>
    </message>
    <message>
        <source>Move a keypoint of an accepted prediction first.</source>
        <translation>请先移动已接受预测中的一个关键点。</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>你想做什么？</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>Commands that fit</source>
        <translation>符合的命令</translation>
    </message>
    <message>
        <source>No command fits these words.</source>
        <translation>没有符合这些词的命令。</translation>
    </message>
</context>
<context>
    <name>ConflictModel</name>
    <message>
        <source>deleted in ours, changed in theirs</source>
        <translation>我方已删除，对方有修改</translation>
    </message>
    <message>
        <source>deleted in theirs, changed in ours</source>
        <translation>对方已删除，我方有修改</translation>
    </message>
    <message>
        <source>{0:.1f} px: {1}</source>
        <translation>{0:.1f} px：{1}</translation>
    </message>
    <message>
        <source>up to {0:.1f} px: {1} keypoints</source>
        <translation>最多 {0:.1f} px：{1} 个关键点</translation>
    </message>
    <message>
        <source>visibility of {0} keypoints</source>
        <translation>{0} 个关键点的可见性</translation>
    </message>
    <message>
        <source>visible</source>
        <translation>可见</translation>
    </message>
    <message>
        <source>occluded</source>
        <translation>遮挡</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>未标注</translation>
    </message>
    <message>
        <source>{0} {1} in ours, {2} in theirs</source>
        <translation>{0}：我方 {1}，对方 {2}</translation>
    </message>
    <message>
        <source>the box</source>
        <translation>边界框</translation>
    </message>
    <message>
        <source>track “{0}” in ours, “{1}” in theirs</source>
        <translation>轨迹：我方“{0}”，对方“{1}”</translation>
    </message>
    <message>
        <source>the same keypoints, from another source</source>
        <translation>关键点相同，来源不同</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>deleted: {0}</source>
        <translation>已删除：{0}</translation>
    </message>
    <message>
        <source>Both</source>
        <translation>两者</translation>
    </message>
    <message>
        <source>Ours</source>
        <translation>我方</translation>
    </message>
    <message>
        <source>Theirs</source>
        <translation>对方</translation>
    </message>
    <message>
        <source>undecided</source>
        <translation>未决定</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>不同之处</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
</context>
<context>
    <name>ConflictPicture</name>
    <message>
        <source>deleted</source>
        <translation>已删除</translation>
    </message>
</context>
<context>
    <name>ConflictTable</name>
    <message>
        <source>Conflicts; B, O or T chooses what is kept</source>
        <translation>冲突；按 B、O 或 T 选择保留哪一方</translation>
    </message>
</context>
<context>
    <name>ConflictView</name>
    <message>
        <source>Ours</source>
        <translation>我方</translation>
    </message>
    <message>
        <source>Theirs</source>
        <translation>对方</translation>
    </message>
    <message>
        <source>The wheel zooms, a double click shows all again</source>
        <translation>滚轮缩放，双击恢复全图</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>The image cannot be read.</source>
        <translation>无法读取该图像。</translation>
    </message>
</context>
<context>
    <name>Copying</name>
    <message>
        <source>Copied {0} annotations.</source>
        <translation>已复制 {0} 个标注。</translation>
    </message>
    <message>
        <source>There is no annotation here to copy.</source>
        <translation>这里没有可复制的标注。</translation>
    </message>
    <message>
        <source>Open an image with one.</source>
        <translation>请打开有标注的图像。</translation>
    </message>
    <message>
        <source>Nothing has been copied.</source>
        <translation>尚未复制任何内容。</translation>
    </message>
    <message>
        <source>Copy an annotation first: {0}.</source>
        <translation>请先复制一个标注：{0}。</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>What was copied is on every image already.</source>
        <translation>所复制的内容在每张图像上都已有。</translation>
    </message>
    <message>
        <source>There is no image to copy from.</source>
        <translation>没有可供复制的图像。</translation>
    </message>
    <message>
        <source>This one is at the end.</source>
        <translation>这一张在末端。</translation>
    </message>
    <message>
        <source>{0} has nothing that is not here.</source>
        <translation>{0} 中没有这里没有的内容。</translation>
    </message>
    <message>
        <source>Copy from previous</source>
        <translation>从上一张复制</translation>
    </message>
    <message>
        <source>Copy from next</source>
        <translation>从下一张复制</translation>
    </message>
    <message>
        <source>No image after this one has this subject.</source>
        <translation>此后的图像中没有这个对象。</translation>
    </message>
    <message>
        <source>Label it in a later image too, by the same name if there are more.</source>
        <translation>请在后面的图像中也标注它，若有多个则用同一名称。</translation>
    </message>
    <message>
        <source>There is no image between this one and the next that has it.</source>
        <translation>这一张与下一张有该对象的图像之间没有图像。</translation>
    </message>
    <message>
        <source>Open an earlier one.</source>
        <translation>请打开更早的一个。</translation>
    </message>
    <message>
        <source>Interpolate {0} images</source>
        <translation>插值 {0} 张图像</translation>
    </message>
    <message>
        <source>The subject cannot be followed into the next image.</source>
        <translation>无法在下一张图像中继续跟踪该对象。</translation>
    </message>
    <message>
        <source>It moves too far, is labelled there, or this is the last image.</source>
        <translation>它移动过远、在那里已有标注，或这是最后一张图像。</translation>
    </message>
    <message>
        <source>Propagate to {0} images</source>
        <translation>传播到 {0} 张图像</translation>
    </message>
    <message>
        <source>Two subjects with names are needed to swap them.</source>
        <translation>交换需要两个有名称的对象。</translation>
    </message>
    <message>
        <source>Name them in the list of subjects.</source>
        <translation>请在对象列表中为它们命名。</translation>
    </message>
    <message>
        <source>Swap {0} and {1} from here on</source>
        <translation>从此处起交换 {0} 和 {1}</translation>
    </message>
    <message>
        <source>Swapped in {0} images.</source>
        <translation>已在 {0} 张图像中交换。</translation>
    </message>
    <message>
        <source>Swapping…</source>
        <translation>正在交换…</translation>
    </message>
    <message>
        <source>The list does not show the open image, so nothing is beside it.</source>
        <translation>列表中没有显示当前打开的图像，因此没有相邻的图像。</translation>
    </message>
    <message>
        <source>Show all images, or open one of those in the list.</source>
        <translation>请显示全部图像，或打开列表中的一张。</translation>
    </message>
    <message>
        <source>No annotation is selected.</source>
        <translation>没有选中标注。</translation>
    </message>
    <message>
        <source>Click one first, or press Tab.</source>
        <translation>请先单击一个，或按 Tab。</translation>
    </message>
    <message>
        <source>Change what is there instead.</source>
        <translation>请改为更改已有的内容。</translation>
    </message>
    <message>
        <source>Pasted on {0} images; undo takes all back.</source>
        <translation>已粘贴到 {0} 张图像；“撤销”可全部取消。</translation>
    </message>
    <message>
        <source>The subject has been changed while it was followed.</source>
        <translation>在跟踪期间，该对象已被改动。</translation>
    </message>
    <message>
        <source>Repeat it from where it is now.</source>
        <translation>请从它现在的位置重新执行。</translation>
    </message>
    <message>
        <source>{0}: undo takes all back.</source>
        <translation>{0}：“撤销”可全部取消。</translation>
    </message>
    <message>
        <source>Following… Escape stops.</source>
        <translation>正在跟踪… Esc 停止。</translation>
    </message>
    <message>
        <source>The keypoints have changed meanwhile: nothing was copied.</source>
        <translation>关键点在此期间已更改：没有复制任何内容。</translation>
    </message>
    <message>
        <source>Repeat it.</source>
        <translation>请重新执行。</translation>
    </message>
    <message>
        <source>Reading image {0} of {1}… Escape stops.</source>
        <translation>正在读取图像 {0} / {1}… Esc 停止。</translation>
    </message>
</context>
<context>
    <name>DecodedModel</name>
    <message>
        <source>Position in image pixels</source>
        <translation>以图像像素表示的位置</translation>
    </message>
    <message>
        <source>Height of the peak, or for heads without one how likely the keypoint is within three cells of the answer; 0 to 1</source>
        <translation>峰值高度；对没有峰值的输出头，则为关键点落在答案三个单元格以内的概率；0 到 1</translation>
    </message>
    <message>
        <source>Expected error on each axis, in image pixels (one standard deviation)</source>
        <translation>每个坐标轴上的预期误差，以图像像素计（一倍标准差）</translation>
    </message>
    <message>
        <source>Distance to the previous decoder&apos;s answer, in image pixels</source>
        <translation>与前一个解码器答案的距离，以图像像素计</translation>
    </message>
    <message>
        <source>Keypoint</source>
        <translation>关键点</translation>
    </message>
    <message>
        <source>x, y</source>
        <translation>x, y</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>得分</translation>
    </message>
    <message>
        <source>± px</source>
        <translation>± px</translation>
    </message>
    <message>
        <source>Δ px</source>
        <translation>Δ px</translation>
    </message>
    <message>
        <source>Another peak is {0:.0%} as high: the keypoint may be there instead.</source>
        <translation>另一个峰值的高度达到 {0:.0%}：关键点也可能在那里。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>DecoderPanel</name>
    <message>
        <source>Decoder</source>
        <translation>解码器</translation>
    </message>
    <message>
        <source>Decoded keypoints</source>
        <translation>解码后的关键点</translation>
    </message>
    <message>
        <source>The decoders appear when the engine is ready.</source>
        <translation>引擎就绪后会显示解码器。</translation>
    </message>
    <message>
        <source>Fits this model.</source>
        <translation>适合此模型。</translation>
    </message>
    <message>
        <source>Usable with this model.</source>
        <translation>可用于此模型。</translation>
    </message>
    <message>
        <source>Misleading with this model.</source>
        <translation>用于此模型会产生误导。</translation>
    </message>
    <message>
        <source>No prediction on this image yet.</source>
        <translation>该图像还没有预测。</translation>
    </message>
    <message>
        <source>Choose another decoder to see how far points move.</source>
        <translation>选择另一个解码器，查看各点移动多少。</translation>
    </message>
    <message>
        <source>Against {0}: {1:.2f} px on average, {2:.2f} px at most.</source>
        <translation>与 {0} 相比：平均 {1:.2f} px，最大 {2:.2f} px。</translation>
    </message>
</context>
<context>
    <name>DraftDelegate</name>
    <message>
        <source>left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>DraftModel</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Mirror image</source>
        <translation>镜像对应点</translation>
    </message>
    <message>
        <source>Side</source>
        <translation>侧别</translation>
    </message>
    <message>
        <source>Sigma</source>
        <translation>Sigma</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标注数</translation>
    </message>
    <message>
        <source>Colour; double click to choose another</source>
        <translation>颜色；双击选择另一种</translation>
    </message>
    <message>
        <source>Double click or F2 to rename; labels go along</source>
        <translation>双击或按 F2 重命名；标注随之保留</translation>
    </message>
    <message>
        <source>The keypoint that takes its place when an image is mirrored</source>
        <translation>图像镜像后取代它位置的关键点</translation>
    </message>
    <message>
        <source>The subject&apos;s own left and right</source>
        <translation>以被标注对象自身的左右为准</translation>
    </message>
    <message>
        <source>How exactly it can be labelled, for OKS scores: COCO&apos;s constants, 0.05</source>
        <translation>标注所能达到的精度，用于 OKS 得分：COCO 的常数，0.05</translation>
    </message>
    <message>
        <source>How many labels there are; those of a removed keypoint are kept</source>
        <translation>现有标注的数量；被移除关键点的标注会保留</translation>
    </message>
    <message>
        <source>the colour of its side</source>
        <translation>按其侧别的颜色</translation>
    </message>
    <message>
        <source>left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右</translation>
    </message>
</context>
<context>
    <name>DropHint</name>
    <message>
        <source>Drop to open {0}</source>
        <translation>松开以打开 {0}</translation>
    </message>
    <message>
        <source>{0} files and folders</source>
        <translation>{0} 个文件和文件夹</translation>
    </message>
    <message>
        <source>Drop to begin a project with {0}</source>
        <translation>松开以用 {0} 开始一个项目</translation>
    </message>
    <message>
        <source>What is labelled is asked next.</source>
        <translation>接下来会询问要标注什么。</translation>
    </message>
    <message>
        <source>Drop to import {0} into {1}</source>
        <translation>松开以将 {0} 导入 {1}</translation>
    </message>
    <message>
        <source>The files stay where they are.</source>
        <translation>文件留在原处。</translation>
    </message>
</context>
<context>
    <name>Duration</name>
    <message>
        <source>{0:.0f} s</source>
        <translation>{0:.0f} 秒</translation>
    </message>
    <message>
        <source>{0:.0f} min</source>
        <translation>{0:.0f} 分钟</translation>
    </message>
</context>
<context>
    <name>EditVerbs</name>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>nothing to undo</source>
        <translation>没有可撤销的操作</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>nothing to redo</source>
        <translation>没有可重做的操作</translation>
    </message>
    <message>
        <source>&amp;Accept prediction</source>
        <translation>接受预测(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Take suggestions</source>
        <translation>采用建议(&amp;G)</translation>
    </message>
    <message>
        <source>Cycle &amp;visibility</source>
        <translation>切换可见性(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;New annotation</source>
        <translation>新建标注(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Place missing keypoints</source>
        <translation>放置缺少的关键点(&amp;P)</translation>
    </message>
    <message>
        <source>Place as &amp;occluded</source>
        <translation>放置为遮挡(&amp;O)</translation>
    </message>
    <message>
        <source>Place by ke&amp;ys, the arrows move it</source>
        <translation>用键盘放置，箭头键移动(&amp;Y)</translation>
    </message>
    <message>
        <source>S&amp;kip keypoint</source>
        <translation>跳过关键点(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Delete annotation</source>
        <translation>删除标注(&amp;D)</translation>
    </message>
    <message>
        <source>Order of plac&amp;ing…</source>
        <translation>放置顺序(&amp;I)…</translation>
    </message>
    <message>
        <source>Edit s&amp;keleton…</source>
        <translation>编辑骨架(&amp;S)…</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>设置(&amp;T)…</translation>
    </message>
    <message>
        <source>No keypoint is selected.</source>
        <translation>没有选中关键点。</translation>
    </message>
    <message>
        <source>Click one first.</source>
        <translation>请先单击一个。</translation>
    </message>
    <message>
        <source>No keypoint is being placed.</source>
        <translation>当前没有在放置关键点。</translation>
    </message>
    <message>
        <source>“New annotation” begins another subject.</source>
        <translation>“新建标注”开始另一个对象。</translation>
    </message>
</context>
<context>
    <name>Effort</name>
    <message>
        <source>{0} is written.</source>
        <translation>{0} 已写入。</translation>
    </message>
</context>
<context>
    <name>EffortPanel</name>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Annotations</source>
        <translation>标注数</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Each</source>
        <translation>每个标注</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>接受</translation>
    </message>
    <message>
        <source>Corrected</source>
        <translation>修正</translation>
    </message>
    <message>
        <source>Kept on this machine only; pauses of 10 s and more do not count.</source>
        <translation>仅保存在本机；10 秒及以上的停顿不计入。</translation>
    </message>
    <message>
        <source>Export the effort</source>
        <translation>导出工作量</translation>
    </message>
    <message>
        <source>Table or JSON (*.csv *.json)</source>
        <translation>表格或 JSON (*.csv *.json)</translation>
    </message>
    <message>
        <source>{0:.1f} min; {1:.1f} s each (median)</source>
        <translation>{0:.1f} 分钟；每个 {1:.1f} 秒（中位数）</translation>
    </message>
    <message>
        <source>{0:.1f} clicks, {1:.1f} keys</source>
        <translation>{0:.1f} 次单击，{1:.1f} 次按键</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{0}, {1:.0f} % without a change</source>
        <translation>{0}，其中 {1:.0f} % 未作更改</translation>
    </message>
</context>
<context>
    <name>EngineProcess</name>
    <message>
        <source>it was killed (signal {0})</source>
        <translation>它被终止（信号 {0}）</translation>
    </message>
    <message>
        <source>it ended with exit code {0}</source>
        <translation>它以退出码 {0} 结束</translation>
    </message>
    <message>
        <source>it cannot be started: {0}</source>
        <translation>它无法启动：{0}</translation>
    </message>
</context>
<context>
    <name>Enumeration</name>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>What to export</source>
        <translation>导出内容</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Part of the split</source>
        <translation>数据划分的部分</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>审核</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Author</source>
        <translation>作者</translation>
    </message>
    <message>
        <source>Image files</source>
        <translation>图像文件</translation>
    </message>
    <message>
        <source>Labels file</source>
        <translation>标注文件</translation>
    </message>
    <message>
        <source>Folder for the images</source>
        <translation>图像所在文件夹</translation>
    </message>
    <message>
        <source>File names</source>
        <translation>文件名</translation>
    </message>
    <message>
        <source>all; or a pattern such as night_*</source>
        <translation>全部；或像 night_* 这样的模式</translation>
    </message>
    <message>
        <source>Margin around subjects</source>
        <translation>对象周围的边距</translation>
    </message>
    <message>
        <source> % margin</source>
        <translation> % 边距</translation>
    </message>
    <message>
        <source>Describe the dataset in a page beside it (Markdown)</source>
        <translation>在旁边附上说明数据集的页面（Markdown）</translation>
    </message>
    <message>
        <source>There is such a file: it will be replaced.</source>
        <translation>已有同名文件：它将被替换。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Of these</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Predictions of {0}</source>
        <translation>{0} 的预测</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>ready for review</source>
        <translation>待审核</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>已通过</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已退回</translation>
    </message>
    <message>
        <source>all parts</source>
        <translation>全部部分</translation>
    </message>
    <message>
        <source>any state</source>
        <translation>任意状态</translation>
    </message>
    <message>
        <source>any tag, or none</source>
        <translation>任意标签或无标签</translation>
    </message>
    <message>
        <source>everybody</source>
        <translation>所有人</translation>
    </message>
    <message>
        <source>leave where they are</source>
        <translation>留在原处</translation>
    </message>
    <message>
        <source>copy beside the labels</source>
        <translation>复制到标注旁</translation>
    </message>
    <message>
        <source>link beside the labels</source>
        <translation>在标注旁建立链接</translation>
    </message>
    <message>
        <source>cut out each subject</source>
        <translation>裁出每个对象</translation>
    </message>
    <message>
        <source>{0} labelled images, {1} annotations</source>
        <translation>{0} 张已标注图像，{1} 个标注</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Wrote {0}</source>
        <translation>已写入 {0}</translation>
    </message>
    <message>
        <source>Exported to {0}: {1}.</source>
        <translation>已导出到 {0}：{1}。</translation>
    </message>
    <message>
        <source>Where shall the labels be written?</source>
        <translation>标注要写到哪里？</translation>
    </message>
    <message>
        <source>A folder for the images</source>
        <translation>存放图像的文件夹</translation>
    </message>
</context>
<context>
    <name>FileQuestions</name>
    <message>
        <source>Open a project</source>
        <translation>打开项目</translation>
    </message>
    <message>
        <source>kpstudio projects (*.kps)</source>
        <translation>kpstudio 项目 (*.kps)</translation>
    </message>
    <message>
        <source>The project is there. Import a folder of images next: {0}.</source>
        <translation>项目已建立。接下来导入一个图像文件夹：{0}。</translation>
    </message>
    <message>
        <source>A folder for the demo</source>
        <translation>用于存放演示的文件夹</translation>
    </message>
    <message>
        <source>A folder of images, or a DeepLabCut project</source>
        <translation>图像文件夹，或 DeepLabCut 项目</translation>
    </message>
    <message>
        <source>A file of labels, a video or an image</source>
        <translation>标注文件、视频或图像</translation>
    </message>
    <message>
        <source>Labels and videos ({0});;All files (*)</source>
        <translation>标注和视频 ({0});;所有文件 (*)</translation>
    </message>
    <message>
        <source>Import {0}</source>
        <translation>导入 {0}</translation>
    </message>
    <message>
        <source>How many frames, evenly spread over the video? 0 takes all of them.</source>
        <translation>从整段视频中均匀取多少帧？0 表示全部。</translation>
    </message>
    <message>
        <source>Another copy of this project</source>
        <translation>此项目的另一份副本</translation>
    </message>
    <message>
        <source>Every image is where it should be.</source>
        <translation>所有图像都在原处。</translation>
    </message>
    <message>
        <source>Where are the images of {0} now?</source>
        <translation>{0} 的图像现在在哪里？</translation>
    </message>
</context>
<context>
    <name>FileVerbs</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;New project…</source>
        <translation>新建项目(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Open project…</source>
        <translation>打开项目(&amp;O)…</translation>
    </message>
    <message>
        <source>Open the &amp;demo</source>
        <translation>打开演示(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Import folder…</source>
        <translation>导入文件夹(&amp;I)…</translation>
    </message>
    <message>
        <source>Import &amp;file or video…</source>
        <translation>导入文件或视频(&amp;F)…</translation>
    </message>
    <message>
        <source>Look for ne&amp;w images</source>
        <translation>查找新图像(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Merge a copy…</source>
        <translation>合并副本(&amp;M)…</translation>
    </message>
    <message>
        <source>Re&amp;locate images…</source>
        <translation>重新定位图像(&amp;L)…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
</context>
<context>
    <name>FilterMenu</name>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
    <message>
        <source>&amp;Tag</source>
        <translation>标签(&amp;T)</translation>
    </message>
    <message>
        <source>Labelled b&amp;y</source>
        <translation>标注者(&amp;Y)</translation>
    </message>
    <message>
        <source>S&amp;ource</source>
        <translation>来源(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Individual</source>
        <translation>个体(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Predicted by</source>
        <translation>预测模型(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Missing keypoint</source>
        <translation>缺少的关键点(&amp;M)</translation>
    </message>
    <message>
        <source>below {0}</source>
        <translation>低于 {0}</translation>
    </message>
    <message>
        <source>above {0}</source>
        <translation>高于 {0}</translation>
    </message>
    <message>
        <source>S&amp;core</source>
        <translation>得分(&amp;C)</translation>
    </message>
    <message>
        <source>Si&amp;ze of a subject, px</source>
        <translation>对象大小，px(&amp;Z)</translation>
    </message>
    <message>
        <source>Save this search</source>
        <translation>保存此搜索</translation>
    </message>
    <message>
        <source>Name of the search:</source>
        <translation>搜索的名称：</translation>
    </message>
    <message>
        <source>&amp;Save this search…</source>
        <translation>保存此搜索(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Remove a saved search</source>
        <translation>移除已保存的搜索(&amp;R)</translation>
    </message>
    <message>
        <source>Show &amp;all images</source>
        <translation>显示所有图像(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Labels</source>
        <translation>标注(&amp;L)</translation>
    </message>
    <message>
        <source>labelled</source>
        <translation>已标注</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>未标注</translation>
    </message>
    <message>
        <source>Re&amp;view</source>
        <translation>审核(&amp;V)</translation>
    </message>
    <message>
        <source>ready for review</source>
        <translation>待审核</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>已通过</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已退回</translation>
    </message>
    <message>
        <source>not reviewed</source>
        <translation>未审核</translation>
    </message>
    <message>
        <source>with an open issue</source>
        <translation>有未决问题</translation>
    </message>
    <message>
        <source>Part of the &amp;data</source>
        <translation>数据的部分(&amp;D)</translation>
    </message>
</context>
<context>
    <name>FindingFrame</name>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>and more</source>
        <translation>以及更多</translation>
    </message>
</context>
<context>
    <name>FirstHints</name>
    <message>
        <source>Do not show this hint again</source>
        <translation>不再显示此提示</translation>
    </message>
    <message>
        <source>Drop a folder of images or a video here · {0} looks for one</source>
        <translation>把图像文件夹或视频拖到这里 · 也可按 {0} 选择</translation>
    </message>
    <message>
        <source>Press {0} to take the prediction · drag a point of it to mend it</source>
        <translation>按 {0} 采用预测 · 拖动其中的点进行修正</translation>
    </message>
    <message>
        <source>Click where {0} is · right click if it is hidden · {1} skips it</source>
        <translation>单击 {0} 所在的位置 · 若被遮挡请右键单击 · 按 {1} 跳过</translation>
    </message>
    <message>
        <source>{0} goes on to the next image · {1} takes back · {2} all keys</source>
        <translation>{0} 转到下一张图像 · {1} 撤销 · {2} 全部快捷键</translation>
    </message>
    <message>
        <source>{0} images are labelled · {1} trains a model that helps you</source>
        <translation>已标注 {0} 张图像 · 按 {1} 训练一个模型来帮助你</translation>
    </message>
</context>
<context>
    <name>GoVerbs</name>
    <message>
        <source>&amp;Go</source>
        <translation>转到(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Next image</source>
        <translation>下一张图像(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Previous image</source>
        <translation>上一张图像(&amp;P)</translation>
    </message>
    <message>
        <source>Images as a gri&amp;d, or a list</source>
        <translation>以网格或列表显示图像(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Queue: least certain first</source>
        <translation>队列：最不确定的在前(&amp;Q)</translation>
    </message>
    <message>
        <source>Next &amp;unlabelled image</source>
        <translation>下一张未标注的图像(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Search images</source>
        <translation>搜索图像(&amp;S)</translation>
    </message>
    <message>
        <source>Previous unla&amp;belled image</source>
        <translation>上一张未标注的图像(&amp;B)</translation>
    </message>
    <message>
        <source>Next image of &amp;low score</source>
        <translation>下一张低分图像(&amp;L)</translation>
    </message>
    <message>
        <source>What is a lo&amp;w score…</source>
        <translation>何为低分(&amp;W)…</translation>
    </message>
    <message>
        <source>Next image ready for &amp;review</source>
        <translation>下一张待审核的图像(&amp;R)</translation>
    </message>
    <message>
        <source>No image is ready for review.</source>
        <translation>没有待审核的图像。</translation>
    </message>
    <message>
        <source>&amp;Flag or unflag image</source>
        <translation>为图像加旗标或去掉旗标(&amp;F)</translation>
    </message>
    <message>
        <source>Next flagged ima&amp;ge</source>
        <translation>下一张有旗标的图像(&amp;G)</translation>
    </message>
    <message>
        <source>The list is sorted by the scores of the newest run, the lowest first: {0} goes on.</source>
        <translation>列表已按最新一次训练的得分排序，最低的在前：按 {0} 继续。</translation>
    </message>
    <message>
        <source>No image is flagged: {0} flags one.</source>
        <translation>没有图像带旗标：按 {0} 添加。</translation>
    </message>
    <message>
        <source>Next sub&amp;ject (Tab)</source>
        <translation>下一个对象 (Tab)(&amp;J)</translation>
    </message>
    <message>
        <source>Previous subje&amp;ct (Shift+Tab)</source>
        <translation>上一个对象 (Shift+Tab)(&amp;C)</translation>
    </message>
    <message>
        <source>Next &amp;keypoint</source>
        <translation>下一个关键点(&amp;K)</translation>
    </message>
    <message>
        <source>Previous k&amp;eypoint</source>
        <translation>上一个关键点(&amp;E)</translation>
    </message>
    <message>
        <source>No stored prediction has a score below {0:g}.</source>
        <translation>没有得分低于 {0:g} 的已保存预测。</translation>
    </message>
    <message>
        <source>Low score</source>
        <translation>低分</translation>
    </message>
    <message>
        <source>Stop at images with a subject of a score below:</source>
        <translation>停在有对象得分低于此值的图像：</translation>
    </message>
</context>
<context>
    <name>Going</name>
    <message>
        <source>Every image has labels.</source>
        <translation>每张图像都有标注。</translation>
    </message>
    <message>
        <source>This is the only one.</source>
        <translation>这是唯一的一张。</translation>
    </message>
    <message>
        <source>There is no subject on this image.</source>
        <translation>此图像上没有对象。</translation>
    </message>
</context>
<context>
    <name>Grip</name>
    <message>
        <source>Drag the panel elsewhere; a double click detaches it</source>
        <translation>拖动可移动面板；双击使其脱离窗口</translation>
    </message>
</context>
<context>
    <name>HeatmapGrid</name>
    <message>
        <source>Heatmap of each keypoint</source>
        <translation>每个关键点的热图</translation>
    </message>
    <message>
        <source>Heatmaps appear here once a model is trained.</source>
        <translation>训练好模型后，热图会显示在这里。</translation>
    </message>
    <message>
        <source>The model sees no subject on this image.</source>
        <translation>模型在此图像上没有看到对象。</translation>
    </message>
</context>
<context>
    <name>HeatmapPanel</name>
    <message>
        <source>Show over image</source>
        <translation>叠加到图像上</translation>
    </message>
    <message>
        <source>Which heatmap</source>
        <translation>显示哪些热图</translation>
    </message>
    <message>
        <source>Selected keypoint</source>
        <translation>选中的关键点</translation>
    </message>
    <message>
        <source>All keypoints</source>
        <translation>所有关键点</translation>
    </message>
    <message>
        <source>Colour map</source>
        <translation>色彩映射</translation>
    </message>
    <message>
        <source>Opacity of the heatmaps</source>
        <translation>热图的不透明度</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Heatmaps of all keypoints</source>
        <translation>所有关键点的热图</translation>
    </message>
    <message>
        <source>Show heatmaps over the image ({0})</source>
        <translation>将热图叠加到图像上 ({0})</translation>
    </message>
</context>
<context>
    <name>HelpVerbs</name>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Commands…</source>
        <translation>命令(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;Keyboard and mouse</source>
        <translation>键盘与鼠标(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Shortcuts…</source>
        <translation>快捷键(&amp;S)…</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>That changed no labels of an image.</source>
        <translation>这一步没有更改任何图像的标注。</translation>
    </message>
    <message>
        <source>Nothing has changed there since.</source>
        <translation>此后没有任何更改。</translation>
    </message>
    <message>
        <source>Restored {0} annotations in {1} images. Undo takes it back.</source>
        <translation>已恢复 {1} 张图像中的 {0} 个标注。可用“撤销”取消。</translation>
    </message>
</context>
<context>
    <name>HistoryModel</name>
    <message>
        <source>Change</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Undo: {0}</source>
        <translation>撤销：{0}</translation>
    </message>
    <message>
        <source>Redo: {0}</source>
        <translation>重做：{0}</translation>
    </message>
    <message>
        <source>by {0}</source>
        <translation>作者 {0}</translation>
    </message>
    <message>
        <source>in {0}</source>
        <translation>位于 {0}</translation>
    </message>
    <message>
        <source>in another copy</source>
        <translation>在另一副本中</translation>
    </message>
    <message>
        <source>image open for {0:.0f} s</source>
        <translation>图像已打开 {0:.0f} 秒</translation>
    </message>
    <message>
        <source>{0} images</source>
        <translation>{0} 张图像</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>Changes of the labels, newest first</source>
        <translation>标注的更改，最新的在前</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Open the image of this change (double click)</source>
        <translation>打开此更改所在的图像（双击）</translation>
    </message>
    <message>
        <source>Restore image</source>
        <translation>恢复图像</translation>
    </message>
    <message>
        <source>Make the labels of the open image what they were after this change</source>
        <translation>把当前图像的标注恢复到此更改之后的样子</translation>
    </message>
    <message>
        <source>Restore project</source>
        <translation>恢复项目</translation>
    </message>
    <message>
        <source>Make the labels of all images what they were after this change</source>
        <translation>把所有图像的标注恢复到此更改之后的样子</translation>
    </message>
    <message>
        <source>Choose a change to see who made it, or to go back.</source>
        <translation>选择一项更改，查看是谁做的，或回到那时。</translation>
    </message>
    <message>
        <source>Nothing has been changed yet.</source>
        <translation>还没有任何更改。</translation>
    </message>
</context>
<context>
    <name>ImageGrid</name>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
</context>
<context>
    <name>ImageListModel</name>
    <message>
        <source>cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>未标注</translation>
    </message>
    <message>
        <source>labelled · {0}</source>
        <translation>已标注 · {0}</translation>
    </message>
    <message>
        <source>labelled</source>
        <translation>已标注</translation>
    </message>
    <message>
        <source>has an open issue</source>
        <translation>有未决问题</translation>
    </message>
    <message>
        <source>tags: {0}</source>
        <translation>标签：{0}</translation>
    </message>
</context>
<context>
    <name>ImageListPanel</name>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Add a condition, or choose a saved search</source>
        <translation>添加条件，或选择已保存的搜索</translation>
    </message>
    <message>
        <source>Add a condition</source>
        <translation>添加条件</translation>
    </message>
    <message>
        <source>Larger thumbnails with labels, in a grid</source>
        <translation>以网格显示带标注的大缩略图</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>网格</translation>
    </message>
    <message>
        <source>Search images</source>
        <translation>搜索图像</translation>
    </message>
    <message>
        <source>Order of the images</source>
        <translation>图像的顺序</translation>
    </message>
    <message>
        <source>What comes first</source>
        <translation>什么排在最前</translation>
    </message>
    <message>
        <source>As added</source>
        <translation>按添加顺序</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>Newest label</source>
        <translation>最新标注</translation>
    </message>
    <message>
        <source>Oldest label</source>
        <translation>最早标注</translation>
    </message>
    <message>
        <source>Least certain</source>
        <translation>最不确定</translation>
    </message>
    <message>
        <source>Search ({0})</source>
        <translation>搜索 ({0})</translation>
    </message>
    <message>
        <source>None of {0} images fits. Escape in the search shows all.</source>
        <translation>{0} 张图像中没有符合的。在搜索框中按 Escape 显示全部。</translation>
    </message>
    <message>
        <source>{0} of {1} images</source>
        <translation>{0} / {1} 张图像</translation>
    </message>
    <message>
        <source>{0} of {1} labelled</source>
        <translation>已标注 {0} / {1}</translation>
    </message>
    <message>
        <source>No images yet. Import a folder: {0}</source>
        <translation>还没有图像。导入文件夹：{0}</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>没有打开的项目。</translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message>
        <source>What was found</source>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>Take all labelled keypoints as visible</source>
        <translation>将所有已标注的关键点视为可见</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Reading {0} and looking at its images…</source>
        <translation>正在读取 {0} 并检查其中的图像…</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Storing {0}…</source>
        <translation>正在保存 {0}…</translation>
    </message>
    <message>
        <source>Import anyway</source>
        <translation>仍然导入</translation>
    </message>
    <message>
        <source>Move all positions by ({0}, {1}) px</source>
        <translation>将所有位置移动 ({0}, {1}) px</translation>
    </message>
    <message>
        <source>{0} images, {1} of them labelled; {2} annotations</source>
        <translation>{0} 张图像，其中 {1} 张已标注；{2} 个标注</translation>
    </message>
    <message>
        <source>Keypoints: {0} visible, {1} occluded, {2} not labelled</source>
        <translation>关键点：{0} 可见，{1} 遮挡，{2} 未标注</translation>
    </message>
</context>
<context>
    <name>Importing</name>
    <message>
        <source>{0} and {1} more</source>
        <translation>{0} 以及另外 {1} 个</translation>
    </message>
</context>
<context>
    <name>Inference</name>
    <message>
        <source>it speaks another protocol</source>
        <translation>它使用另一种协议</translation>
    </message>
    <message>
        <source>The engine is kpstudio {0}, which this studio does not understand.</source>
        <translation>引擎是 kpstudio {0}，本窗口程序无法与它通信。</translation>
    </message>
    <message>
        <source>Install the same version of kpstudio on both sides.</source>
        <translation>请在两边安装相同版本的 kpstudio。</translation>
    </message>
    <message>
        <source>The newest model was trained for other keypoints: {0}.</source>
        <translation>最新的模型是为其他关键点训练的：{0}。</translation>
    </message>
    <message>
        <source>Train again to get one for this project.</source>
        <translation>请重新训练，为此项目得到一个模型。</translation>
    </message>
    <message>
        <source>The engine stopped working: {0}.</source>
        <translation>引擎已停止工作：{0}。</translation>
    </message>
    <message>
        <source>Your labels are safe. Press “Restart engine” below.</source>
        <translation>你的标注是安全的。请按下方的“重启引擎”。</translation>
    </message>
</context>
<context>
    <name>IssueModel</name>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>{0} (closed)</source>
        <translation>{0}（已关闭）</translation>
    </message>
</context>
<context>
    <name>IssuePanel</name>
    <message>
        <source>Which issues are listed</source>
        <translation>列出哪些问题</translation>
    </message>
    <message>
        <source>Open, of all images</source>
        <translation>未决，所有图像</translation>
    </message>
    <message>
        <source>All of this image</source>
        <translation>此图像的全部</translation>
    </message>
    <message>
        <source>Question or answer</source>
        <translation>问题或回复</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>图钉</translation>
    </message>
    <message>
        <source>Issues</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Thread of the chosen issue</source>
        <translation>所选问题的讨论</translation>
    </message>
    <message>
        <source>Enter; Shift+Enter begins another line</source>
        <translation>Enter；Shift+Enter 另起一行</translation>
    </message>
    <message>
        <source>{0} open</source>
        <translation>{0} 个未决</translation>
    </message>
    <message>
        <source>Ask about a place: click it on the image ({0})</source>
        <translation>就某处提问：在图像上单击它 ({0})</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <source>Close issue</source>
        <translation>关闭问题</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>回复</translation>
    </message>
    <message>
        <source>Open an image to ask something about it.</source>
        <translation>打开一张图像来提问。</translation>
    </message>
    <message>
        <source>Click the place on the image that the question is about.</source>
        <translation>单击图像上问题所涉及的位置。</translation>
    </message>
    <message>
        <source>A question about {0:.1f}, {1:.1f}. Write it below.</source>
        <translation>关于 {0:.1f}, {1:.1f} 的问题。请在下方写出。</translation>
    </message>
    <message>
        <source>A question about the whole image. Write it below.</source>
        <translation>关于整张图像的问题。请在下方写出。</translation>
    </message>
    <message>
        <source>Choose an issue to read it, or ask something about this image.</source>
        <translation>选择一个问题来阅读，或就此图像提问。</translation>
    </message>
    <message>
        <source>Ask about the pinned place</source>
        <translation>就钉住的位置提问</translation>
    </message>
    <message>
        <source>Answer #{0}</source>
        <translation>回复 #{0}</translation>
    </message>
    <message>
        <source>Ask about this image</source>
        <translation>就此图像提问</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>某人</translation>
    </message>
</context>
<context>
    <name>Issues</name>
    <message>
        <source>No issue is open.</source>
        <translation>没有打开的问题。</translation>
    </message>
</context>
<context>
    <name>KeyRecorder</name>
    <message>
        <source>Add a key…</source>
        <translation>添加按键…</translation>
    </message>
    <message>
        <source>Press the keys of the new shortcut</source>
        <translation>按下新的快捷键</translation>
    </message>
    <message>
        <source>Press the keys…</source>
        <translation>请按键…</translation>
    </message>
</context>
<context>
    <name>KeypointModel</name>
    <message>
        <source>Keypoint</source>
        <translation>关键点</translation>
    </message>
    <message>
        <source>Visibility</source>
        <translation>可见性</translation>
    </message>
    <message>
        <source>x, y</source>
        <translation>x, y</translation>
    </message>
    <message>
        <source>visible</source>
        <translation>可见</translation>
    </message>
    <message>
        <source>occluded</source>
        <translation>遮挡</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
</context>
<context>
    <name>KeypointPanel</name>
    <message>
        <source>Keypoints of the selected annotation</source>
        <translation>所选标注的关键点</translation>
    </message>
    <message>
        <source>visible</source>
        <translation>可见</translation>
    </message>
    <message>
        <source>occluded</source>
        <translation>遮挡</translation>
    </message>
    <message>
        <source>Double click: visible, occluded, not labelled</source>
        <translation>双击：可见、遮挡、未标注</translation>
    </message>
    <message>
        <source>Open an image to label it.</source>
        <translation>打开一张图像来标注。</translation>
    </message>
    <message>
        <source>Click where {0} is. Right click: occluded. {1}: skip it.</source>
        <translation>单击 {0} 所在的位置。右键：遮挡。{1}：跳过。</translation>
    </message>
    <message>
        <source>A prediction is selected. {0} accepts it.</source>
        <translation>已选中一个预测。按 {0} 接受。</translation>
    </message>
    <message>
        <source>{0} annotations here. Click one, or press {1} for a new one.</source>
        <translation>此处有 {0} 个标注。单击其中一个，或按 {1} 新建。</translation>
    </message>
    <message>
        <source>{0} of {1} keypoints labelled. Source: {2}.</source>
        <translation>已标注 {0} / {1} 个关键点。来源：{2}。</translation>
    </message>
</context>
<context>
    <name>Labels</name>
    <message>
        <source>Place keypoints</source>
        <translation>放置关键点</translation>
    </message>
    <message>
        <source>Move {0}</source>
        <translation>移动 {0}</translation>
    </message>
    <message>
        <source>Move annotation</source>
        <translation>移动标注</translation>
    </message>
    <message>
        <source>Move {0} keypoints</source>
        <translation>移动 {0} 个关键点</translation>
    </message>
    <message>
        <source>{0} has no position yet.</source>
        <translation>{0} 还没有位置。</translation>
    </message>
    <message>
        <source>Select it in the list, press {0} and click where it is.</source>
        <translation>在列表中选中它，按 {0}，然后单击它所在的位置。</translation>
    </message>
    <message>
        <source>Mark {0} visible</source>
        <translation>将 {0} 标为可见</translation>
    </message>
    <message>
        <source>Mark {0} occluded</source>
        <translation>将 {0} 标为遮挡</translation>
    </message>
    <message>
        <source>Unlabel {0}</source>
        <translation>取消标注 {0}</translation>
    </message>
    <message>
        <source>Edit skeleton</source>
        <translation>编辑骨架</translation>
    </message>
    <message>
        <source>Undone in {0} images: {1}</source>
        <translation>已在 {0} 张图像中撤销：{1}</translation>
    </message>
    <message>
        <source>Done again in {0} images: {1}</source>
        <translation>已在 {0} 张图像中重做：{1}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Open &amp;recent</source>
        <translation>打开最近的项目(&amp;R)</translation>
    </message>
    <message>
        <source>Run the model &amp;in</source>
        <translation>模型运行方式(&amp;I)</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>关键点</translation>
    </message>
    <message>
        <source>Heatmaps</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>Decoder</source>
        <translation>解码器</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>Issues</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Effort</source>
        <translation>工作量</translation>
    </message>
    <message>
        <source>&amp;Automatic: the fastest</source>
        <translation>自动：最快(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Single precision</source>
        <translation>单精度(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Half precision (bfloat16)</source>
        <translation>半精度 (bfloat16)(&amp;H)</translation>
    </message>
    <message>
        <source>Half precision (&amp;float16)</source>
        <translation>半精度 (float16)(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Compiled: slow to start</source>
        <translation>编译：启动较慢(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>还没有</translation>
    </message>
    <message>
        <source>open a project first</source>
        <translation>请先打开项目</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>目前不可用</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>滚轮</translation>
    </message>
    <message>
        <source>zoom at the cursor</source>
        <translation>以光标为中心缩放</translation>
    </message>
    <message>
        <source>Middle button, Space + drag</source>
        <translation>中键，空格 + 拖动</translation>
    </message>
    <message>
        <source>pan</source>
        <translation>平移</translation>
    </message>
    <message>
        <source>Drag a keypoint</source>
        <translation>拖动关键点</translation>
    </message>
    <message>
        <source>move it; stored on release</source>
        <translation>移动它；松开时保存</translation>
    </message>
    <message>
        <source>Drag a ghost</source>
        <translation>拖动虚影</translation>
    </message>
    <message>
        <source>accept the prediction and move it</source>
        <translation>接受预测并移动它</translation>
    </message>
    <message>
        <source>Right click on a keypoint</source>
        <translation>右键单击关键点</translation>
    </message>
    <message>
        <source>visible, occluded, not labelled</source>
        <translation>可见、遮挡、未标注</translation>
    </message>
    <message>
        <source>Click while placing</source>
        <translation>放置时单击</translation>
    </message>
    <message>
        <source>place the next keypoint</source>
        <translation>放置下一个关键点</translation>
    </message>
    <message>
        <source>Right click while placing</source>
        <translation>放置时右键单击</translation>
    </message>
    <message>
        <source>place it as occluded</source>
        <translation>将其放置为遮挡</translation>
    </message>
    <message>
        <source>Click on a pin</source>
        <translation>单击图钉</translation>
    </message>
    <message>
        <source>read its issue</source>
        <translation>阅读其问题</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Tab, Shift + Tab</source>
        <translation>Tab、Shift + Tab</translation>
    </message>
    <message>
        <source>next, previous subject; F6 leaves the canvas</source>
        <translation>下一个、上一个对象；F6 离开画布</translation>
    </message>
    <message>
        <source>Ctrl + drag</source>
        <translation>Ctrl + 拖动</translation>
    </message>
    <message>
        <source>drop what is held or suggested; finish placing; close the notice</source>
        <translation>放下所持或所建议的；结束放置；关闭通知</translation>
    </message>
    <message>
        <source>move the whole annotation</source>
        <translation>移动整个标注</translation>
    </message>
    <message>
        <source>Shift + click, Shift + drag</source>
        <translation>Shift + 单击，Shift + 拖动</translation>
    </message>
    <message>
        <source>choose several keypoints</source>
        <translation>选择多个关键点</translation>
    </message>
    <message>
        <source>Hold S</source>
        <translation>按住 S</translation>
    </message>
    <message>
        <source>snap to the peaks of the heatmap</source>
        <translation>吸附到热图的峰值</translation>
    </message>
    <message>
        <source>Hold W</source>
        <translation>按住 W</translation>
    </message>
    <message>
        <source>hide everything but the image</source>
        <translation>隐藏图像以外的一切</translation>
    </message>
    <message>
        <source>Wheel while dragging</source>
        <translation>拖动时滚动滚轮</translation>
    </message>
    <message>
        <source>zoom of the loupe</source>
        <translation>放大镜的倍数</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>方向键</translation>
    </message>
    <message>
        <source>move the keypoint by 1 px; Ctrl 0.25, Shift 10</source>
        <translation>移动关键点 1 px；Ctrl 为 0.25，Shift 为 10</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>左、右方向键</translation>
    </message>
    <message>
        <source>without one: previous, next image</source>
        <translation>没有选中时：上一张、下一张图像</translation>
    </message>
    <message>
        <source>Something went wrong in kpstudio. Your labels are stored.</source>
        <translation>kpstudio 出现了错误。你的标注已保存。</translation>
    </message>
    <message>
        <source>You can go on. Please report this; the text below can be copied.</source>
        <translation>你可以继续工作。请报告此问题；下面的文字可以复制。</translation>
    </message>
</context>
<context>
    <name>MergeDialog</name>
    <message>
        <source>Merge a copy</source>
        <translation>合并副本</translation>
    </message>
    <message>
        <source>&amp;Merge</source>
        <translation>合并(&amp;M)</translation>
    </message>
    <message>
        <source>Merging…</source>
        <translation>正在合并…</translation>
    </message>
    <message>
        <source>Merge “{0}” into this project</source>
        <translation>将“{0}”合并到此项目</translation>
    </message>
    <message>
        <source>Both</source>
        <translation>两者</translation>
    </message>
    <message>
        <source>Ours</source>
        <translation>我方</translation>
    </message>
    <message>
        <source>Theirs</source>
        <translation>对方</translation>
    </message>
    <message>
        <source>For all:</source>
        <translation>全部：</translation>
    </message>
    <message>
        <source>Keep this of every conflict where there is that choice (Shift+{0})</source>
        <translation>凡有此选项的冲突都保留这一方 (Shift+{0})</translation>
    </message>
    <message>
        <source>B, O, T: both, ours, theirs of the selected; with Shift of all</source>
        <translation>B、O、T：对所选冲突保留两者、我方、对方；加 Shift 则对全部</translation>
    </message>
    <message>
        <source>{0} new</source>
        <translation>新增 {0}</translation>
    </message>
    <message>
        <source>{0} changed</source>
        <translation>更改 {0}</translation>
    </message>
    <message>
        <source>{0} deleted</source>
        <translation>删除 {0}</translation>
    </message>
    <message>
        <source>{0} with other tags</source>
        <translation>{0} 标签不同</translation>
    </message>
    <message>
        <source>{0} with another review</source>
        <translation>{0} 审核状态不同</translation>
    </message>
    <message>
        <source>{0} with a split</source>
        <translation>{0} 带划分</translation>
    </message>
    <message>
        <source>{0} with an issue</source>
        <translation>{0} 张有问题讨论</translation>
    </message>
    <message>
        <source>{0} entries</source>
        <translation>{0} 个条目</translation>
    </message>
    <message>
        <source>annotations: {0}</source>
        <translation>标注：{0}</translation>
    </message>
    <message>
        <source>images: {0}</source>
        <translation>图像：{0}</translation>
    </message>
    <message>
        <source>history: {0}</source>
        <translation>历史：{0}</translation>
    </message>
    <message>
        <source>Nothing comes in but what is in conflict.</source>
        <translation>除冲突之外没有新内容。</translation>
    </message>
    <message>
        <source>What comes in – {0}.</source>
        <translation>将合并进来的内容 – {0}。</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>Nothing is in conflict.</source>
        <translation>没有冲突。</translation>
    </message>
    <message>
        <source>All {0} conflicts are decided.</source>
        <translation>{0} 个冲突全部已决定。</translation>
    </message>
    <message>
        <source>{0} of {1} conflicts are decided. The others lose nothing: both are kept, or the one that is left, and the image gets the tag “{2}”.</source>
        <translation>已决定 {0} / {1} 个冲突。其余的不会丢失任何内容：两者都保留，或保留仅存的一方，图像会得到标签“{2}”。</translation>
    </message>
</context>
<context>
    <name>Merging</name>
    <message>
        <source>Comparing with {0}…</source>
        <translation>正在与 {0} 比较…</translation>
    </message>
    <message>
        <source>Everything in {0} is here already.</source>
        <translation>{0} 中的内容这里都已有。</translation>
    </message>
    <message>
        <source>{0} was not merged: the project has changed meanwhile.</source>
        <translation>{0} 未合并：项目在此期间已更改。</translation>
    </message>
    <message>
        <source>Choose File ▸ Merge a copy… again.</source>
        <translation>请再次选择 文件 ▸ 合并副本…</translation>
    </message>
    <message>
        <source>Merging {0}…</source>
        <translation>正在合并 {0}…</translation>
    </message>
    <message>
        <source>Undo takes the labels back.</source>
        <translation>“撤销”可取消对标注的更改。</translation>
    </message>
    <message>
        <source>{0} images</source>
        <translation>{0} 张图像</translation>
    </message>
    <message>
        <source>{0} annotations</source>
        <translation>{0} 个标注</translation>
    </message>
    <message>
        <source>tags of {0} images</source>
        <translation>{0} 张图像的标签</translation>
    </message>
    <message>
        <source>reviews of {0} images</source>
        <translation>{0} 张图像的审核</translation>
    </message>
    <message>
        <source>splits of {0} images</source>
        <translation>{0} 张图像的划分</translation>
    </message>
    <message>
        <source>{0} issues</source>
        <translation>{0} 个问题</translation>
    </message>
    <message>
        <source>{0} entries of the history</source>
        <translation>{0} 个历史条目</translation>
    </message>
    <message>
        <source>{0} conflicts ({1} decided)</source>
        <translation>{0} 个冲突（已决定 {1} 个）</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
    <message>
        <source>Merged {0}: {1}.</source>
        <translation>已合并 {0}：{1}。</translation>
    </message>
</context>
<context>
    <name>ModelVerbs</name>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Train or stop</source>
        <translation>训练或停止(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Restart engine</source>
        <translation>重启引擎(&amp;R)</translation>
    </message>
</context>
<context>
    <name>NewProjectDialog</name>
    <message>
        <source>New project</source>
        <translation>新建项目</translation>
    </message>
    <message>
        <source>Skeletons</source>
        <translation>骨架</translation>
    </message>
    <message>
        <source>Project file</source>
        <translation>项目文件</translation>
    </message>
    <message>
        <source>Asked when the project is created</source>
        <translation>创建项目时询问</translation>
    </message>
    <message>
        <source>Create…</source>
        <translation>创建…</translation>
    </message>
    <message>
        <source>1 · Which images?</source>
        <translation>1 · 哪些图像？</translation>
    </message>
    <message>
        <source>2 · What is labelled?</source>
        <translation>2 · 要标注什么？</translation>
    </message>
    <message>
        <source>3 · Where shall the project be?</source>
        <translation>3 · 项目要放在哪里？</translation>
    </message>
    <message>
        <source>Fo&amp;lder…</source>
        <translation>文件夹(&amp;L)…</translation>
    </message>
    <message>
        <source>&amp;Video or file…</source>
        <translation>视频或文件(&amp;V)…</translation>
    </message>
    <message>
        <source>C&amp;hoose…</source>
        <translation>选择(&amp;H)…</translation>
    </message>
    <message>
        <source>A skeleton in JSON, or labels that name their keypoints (COCO, CSV)</source>
        <translation>JSON 格式的骨架，或写有关键点名称的标注（COCO、CSV）</translation>
    </message>
    <message>
        <source>&amp;Click them on the first image…</source>
        <translation>在第一张图像上单击(&amp;C)…</translation>
    </message>
    <message>
        <source>Click each keypoint and type its name</source>
        <translation>单击每个关键点并输入其名称</translation>
    </message>
    <message>
        <source>From a &amp;file…</source>
        <translation>从文件(&amp;F)…</translation>
    </message>
    <message>
        <source>My &amp;own keypoints…</source>
        <translation>自定义关键点(&amp;O)…</translation>
    </message>
    <message>
        <source>Names of the keypoints</source>
        <translation>关键点的名称</translation>
    </message>
    <message>
        <source>&amp;Edit keypoints…</source>
        <translation>编辑关键点(&amp;E)…</translation>
    </message>
    <message>
        <source>{0} keypoints</source>
        <translation>{0} 个关键点</translation>
    </message>
    <message>
        <source>Subject: {0}. {1} keypoints, {2} edges, {3} mirrored pairs.</source>
        <translation>对象：{0}。{1} 个关键点，{2} 条连线，{3} 个镜像对。</translation>
    </message>
    <message>
        <source>{0} is there already.</source>
        <translation>{0} 已经存在。</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>请换一个名称。</translation>
    </message>
    <message>
        <source>None yet. Drop a folder or a video here.</source>
        <translation>还没有。请把文件夹或视频拖到这里。</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>创建</translation>
    </message>
    <message>
        <source>A folder of images, or a DeepLabCut project</source>
        <translation>图像文件夹，或 DeepLabCut 项目</translation>
    </message>
    <message>
        <source>A file of labels, a video or an image</source>
        <translation>标注文件、视频或图像</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Where shall the project be?</source>
        <translation>项目要放在哪里？</translation>
    </message>
    <message>
        <source>kpstudio projects (*.kps)</source>
        <translation>kpstudio 项目 (*.kps)</translation>
    </message>
    <message>
        <source>A skeleton, or labels that name their keypoints</source>
        <translation>骨架，或写有关键点名称的标注</translation>
    </message>
    <message>
        <source>Skeletons and labels (*.json *.csv *.h5);;All files (*)</source>
        <translation>骨架和标注 (*.json *.csv *.h5);;所有文件 (*)</translation>
    </message>
    <message>
        <source>my keypoints</source>
        <translation>我的关键点</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Close this notice</source>
        <translation>关闭此通知</translation>
    </message>
    <message>
        <source>Close notice</source>
        <translation>关闭通知</translation>
    </message>
</context>
<context>
    <name>PicturePreview</name>
    <message>
        <source>First image; a click adds a keypoint</source>
        <translation>第一张图像；单击添加关键点</translation>
    </message>
    <message>
        <source>Click the first keypoint</source>
        <translation>单击第一个关键点</translation>
    </message>
</context>
<context>
    <name>Placing</name>
    <message>
        <source>Place {0}</source>
        <translation>放置 {0}</translation>
    </message>
    <message>
        <source>No annotation is selected.</source>
        <translation>没有选中标注。</translation>
    </message>
    <message>
        <source>Click one first, or begin a new one: {0}.</source>
        <translation>请先点击一个，或新建一个：{0}。</translation>
    </message>
    <message>
        <source>Begin a new one: {0}.</source>
        <translation>新建一个：{0}。</translation>
    </message>
    <message>
        <source>Every keypoint of this annotation is labelled.</source>
        <translation>这个标注的每个关键点都已标注。</translation>
    </message>
</context>
<context>
    <name>PlacingOrderDialog</name>
    <message>
        <source>Order of placing</source>
        <translation>放置顺序</translation>
    </message>
    <message>
        <source>Clicks place the keypoints from the top. Drag a line to another place.</source>
        <translation>单击时从上到下依次放置关键点。拖动一行可改变其位置。</translation>
    </message>
    <message>
        <source>Keypoints in the order of placing</source>
        <translation>按放置顺序排列的关键点</translation>
    </message>
    <message>
        <source>&amp;Up</source>
        <translation>上移(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Down</source>
        <translation>下移(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;As skeleton</source>
        <translation>与骨架一致(&amp;A)</translation>
    </message>
</context>
<context>
    <name>PosePainter</name>
    <message>
        <source>{0} (prediction)</source>
        <translation>{0}（预测）</translation>
    </message>
</context>
<context>
    <name>Preferences</name>
    <message>
        <source>Some settings could not be read ({0}).</source>
        <translation>有些设置无法读取（{0}）。</translation>
    </message>
    <message>
        <source>The supplied ones are used in their place. Check them in Edit ▸ Settings; what was there is in {0}.</source>
        <translation>改用默认设置。请在“编辑 ▸ 设置”中检查；原来的内容在 {0} 中。</translation>
    </message>
</context>
<context>
    <name>PreviousView</name>
    <message>
        <source>Previous image</source>
        <translation>上一张图像</translation>
    </message>
    <message>
        <source>Previous: {0}</source>
        <translation>上一张：{0}</translation>
    </message>
    <message>
        <source>No image comes before this one in the list.</source>
        <translation>列表中此图像之前没有图像。</translation>
    </message>
</context>
<context>
    <name>Proxies</name>
    <message>
        <source>{0} has a copy that is quick to look through: {1}, {2} MB.</source>
        <translation>{0} 有便于快速浏览的副本：{1}，{2} MB。</translation>
    </message>
</context>
<context>
    <name>ProxyBar</name>
    <message>
        <source>Make a copy</source>
        <translation>制作副本</translation>
    </message>
    <message>
        <source>{0} is slow to look through. A copy beside it shows any frame at once; labels stay with the video.</source>
        <translation>{0} 浏览起来很慢。旁边的副本可立即显示任意帧；标注仍属于该视频。</translation>
    </message>
    <message>
        <source>Copying {0}; you can go on meanwhile…</source>
        <translation>正在复制 {0}；期间你可以继续…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
    </message>
</context>
<context>
    <name>Review</name>
    <message>
        <source>not reviewed</source>
        <translation>未审核</translation>
    </message>
    <message>
        <source>ready for review</source>
        <translation>待审核</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>已通过</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>已退回</translation>
    </message>
</context>
<context>
    <name>ReviewLabel</name>
    <message>
        <source>State of the review of this image (menu Review)</source>
        <translation>此图像的审核状态（“审核”菜单）</translation>
    </message>
    <message>
        <source>Review: {0}</source>
        <translation>审核：{0}</translation>
    </message>
</context>
<context>
    <name>ReviewVerbs</name>
    <message>
        <source>&amp;Review</source>
        <translation>审核(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Accept labels, next image</source>
        <translation>接受标注，下一张图像(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Reject labels</source>
        <translation>退回标注(&amp;R)</translation>
    </message>
    <message>
        <source>Ready for re&amp;view, next image</source>
        <translation>待审核，下一张图像(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Not reviewed</source>
        <translation>未审核(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Pin a question</source>
        <translation>钉上问题(&amp;P)</translation>
    </message>
    <message>
        <source>A&amp;sk about keypoint or image</source>
        <translation>就关键点或图像提问(&amp;S)</translation>
    </message>
    <message>
        <source>Next open &amp;issue</source>
        <translation>下一个未决问题(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;List what is ready for review</source>
        <translation>列出待审核的图像(&amp;L)</translation>
    </message>
    <message>
        <source>List images with &amp;open issues</source>
        <translation>列出有未决问题的图像(&amp;O)</translation>
    </message>
</context>
<context>
    <name>RuleTool</name>
    <message>
        <source>Drag from here to there. Escape ends.</source>
        <translation>从这里拖到那里。Esc 结束。</translation>
    </message>
</context>
<context>
    <name>RunPanel</name>
    <message>
        <source>Run whose curves are shown</source>
        <translation>显示其曲线的训练</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Validation error, px</source>
        <translation>验证误差，px</translation>
    </message>
    <message>
        <source>training</source>
        <translation>正在训练</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>{0} steps</source>
        <translation>{0} 步</translation>
    </message>
    <message>
        <source>It has no curves.</source>
        <translation>它没有曲线。</translation>
    </message>
    <message>
        <source>{0}. {1}</source>
        <translation>{0}。{1}</translation>
    </message>
    <message>
        <source>{0} steps planned</source>
        <translation>计划 {0} 步</translation>
    </message>
    <message>
        <source>{0:g} min planned</source>
        <translation>计划 {0:g} 分钟</translation>
    </message>
</context>
<context>
    <name>SavedFilters</name>
    <message>
        <source>A search cannot be saved without a name.</source>
        <translation>没有名称的搜索无法保存。</translation>
    </message>
    <message>
        <source>Give it one such as “to be checked”.</source>
        <translation>请为其取名，例如“待检查”。</translation>
    </message>
    <message>
        <source>“{0}” is saved: it is under + in the list.</source>
        <translation>“{0}”已保存：在列表的 + 中。</translation>
    </message>
    <message>
        <source>The search “{0}” is removed.</source>
        <translation>搜索“{0}”已移除。</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>This setting is not possible: {0}.</source>
        <translation>此设置不可用：{0}。</translation>
    </message>
    <message>
        <source>Choose another value in Edit ▸ Settings.</source>
        <translation>请在 编辑 ▸ 设置 中选择其他值。</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>The language changes when kpstudio is started again.</source>
        <translation>语言将在下次启动 kpstudio 时更改。</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>窗口(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Keypoints</source>
        <translation>关键点(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Labelling</source>
        <translation>标注(&amp;L)</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>L&amp;anguage</source>
        <translation>语言(&amp;A)</translation>
    </message>
    <message>
        <source>Show the &amp;hints for newcomers again</source>
        <translation>重新显示新手提示(&amp;H)</translation>
    </message>
    <message>
        <source>Vivid: left blue, right orange, centre yellow</source>
        <translation>鲜明：左蓝，右橙，中黄</translation>
    </message>
    <message>
        <source>Contrast: left magenta, right green, centre white</source>
        <translation>对比：左品红，右绿，中白</translation>
    </message>
    <message>
        <source>Deep, for bright images: left blue, right red, centre black</source>
        <translation>深色，适合明亮图像：左蓝，右红，中黑</translation>
    </message>
    <message>
        <source>&amp;Colours by side</source>
        <translation>按侧别着色(&amp;C)</translation>
    </message>
    <message>
        <source>Every palette can be told apart with any kind of colour vision. A colour that the skeleton gives a keypoint comes first.</source>
        <translation>每种配色对任何类型的色觉都可区分。骨架为关键点指定的颜色优先。</translation>
    </message>
    <message>
        <source> × the usual size</source>
        <translation> × 常规大小</translation>
    </message>
    <message>
        <source>&amp;Size of keypoints</source>
        <translation>关键点大小(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Tags on subjects where there are several</source>
        <translation>有多个对象时显示对象标牌(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Loupe while a keypoint is held or placed</source>
        <translation>按住或放置关键点时显示放大镜(&amp;L)</translation>
    </message>
    <message>
        <source>Loupe &amp;magnifies</source>
        <translation>放大镜倍数(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Keep keypoints inside the image</source>
        <translation>将关键点限制在图像内(&amp;K)</translation>
    </message>
    <message>
        <source>A &amp;nudge by key moves</source>
        <translation>按键微调的步长(&amp;N)</translation>
    </message>
    <message>
        <source>With &amp;Shift it moves</source>
        <translation>按住 Shift 时的步长(&amp;S)</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>&amp;Reset this page</source>
        <translation>重置此页(&amp;R)</translation>
    </message>
    <message>
        <source>Reset &amp;all</source>
        <translation>全部重置(&amp;A)</translation>
    </message>
</context>
<context>
    <name>Shortcuts</name>
    <message>
        <source>This is not a key.</source>
        <translation>这不是一个按键。</translation>
    </message>
    <message>
        <source>Arrow keys belong to the canvas and the lists.</source>
        <translation>方向键属于画布和列表。</translation>
    </message>
    <message>
        <source>Escape and Space belong to the canvas.</source>
        <translation>Esc 和空格属于画布。</translation>
    </message>
    <message>
        <source>S and W are held down on the canvas.</source>
        <translation>S 和 W 用于在画布上按住。</translation>
    </message>
    <message>
        <source>Tab goes from one control to the next.</source>
        <translation>Tab 用于在控件之间移动。</translation>
    </message>
    <message>
        <source>{0} opens a menu.</source>
        <translation>{0} 会打开菜单。</translation>
    </message>
    <message>
        <source>Press another key.</source>
        <translation>请按其他键。</translation>
    </message>
    <message>
        <source>Some shortcuts that were kept cannot be: {0}.</source>
        <translation>某些保存的快捷键无法使用：{0}。</translation>
    </message>
    <message>
        <source>See Help ▸ Shortcuts for what they are now.</source>
        <translation>现在的快捷键请见 帮助 ▸ 快捷键。</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>&amp;Take it over</source>
        <translation>改归此命令(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Leave it there</source>
        <translation>保持原样(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Reset this one</source>
        <translation>重置此项(&amp;R)</translation>
    </message>
    <message>
        <source>Reset &amp;all</source>
        <translation>全部重置(&amp;A)</translation>
    </message>
    <message>
        <source>Commands and their keys</source>
        <translation>命令及其按键</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>{0}  (yours)</source>
        <translation>{0}  （自定义）</translation>
    </message>
    <message>
        <source>No command fits these words.</source>
        <translation>没有符合这些词的命令。</translation>
    </message>
    <message>
        <source>Take {0} away</source>
        <translation>移除 {0}</translation>
    </message>
    <message>
        <source>{0} Press another key.</source>
        <translation>{0}请按其他键。</translation>
    </message>
    <message>
        <source>{0} already runs “{1}”.</source>
        <translation>{0} 已用于“{1}”。</translation>
    </message>
</context>
<context>
    <name>SkeletonDialog</name>
    <message>
        <source>Edit skeleton</source>
        <translation>编辑骨架</translation>
    </message>
    <message>
        <source>S&amp;keleton</source>
        <translation>骨架(&amp;K)</translation>
    </message>
    <message>
        <source>Su&amp;bject</source>
        <translation>对象(&amp;B)</translation>
    </message>
    <message>
        <source>In COCO files</source>
        <translation>用于 COCO 文件</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>添加(&amp;A)</translation>
    </message>
    <message>
        <source>Insert</source>
        <translation>Insert</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>移除(&amp;R)</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>&amp;Up</source>
        <translation>上移(&amp;U)</translation>
    </message>
    <message>
        <source>Alt+Up, or drag</source>
        <translation>Alt+上，或拖动</translation>
    </message>
    <message>
        <source>&amp;Down</source>
        <translation>下移(&amp;D)</translation>
    </message>
    <message>
        <source>Alt+Down, or drag</source>
        <translation>Alt+下，或拖动</translation>
    </message>
    <message>
        <source>&amp;Colour…</source>
        <translation>颜色(&amp;C)…</translation>
    </message>
    <message>
        <source>Colour by &amp;side</source>
        <translation>按侧别着色(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Join or part</source>
        <translation>连接或断开(&amp;J)</translation>
    </message>
    <message>
        <source>The edge between two selected keypoints</source>
        <translation>两个选中关键点之间的连线</translation>
    </message>
    <message>
        <source>&amp;Mirror images</source>
        <translation>互为镜像(&amp;M)</translation>
    </message>
    <message>
        <source>Two selected keypoints are left and right of each other</source>
        <translation>两个选中的关键点互为左右</translation>
    </message>
    <message>
        <source>Mirror images by &amp;name</source>
        <translation>按名称配对镜像(&amp;N)</translation>
    </message>
    <message>
        <source>Pair keypoints whose names differ in left and right only</source>
        <translation>将名称仅在左右上不同的关键点配成对</translation>
    </message>
    <message>
        <source>Und&amp;o</source>
        <translation>撤销(&amp;O)</translation>
    </message>
    <message>
        <source>Ctrl+Z; with Shift forth again</source>
        <translation>Ctrl+Z；加 Shift 为重做</translation>
    </message>
    <message>
        <source>Click where a keypoint is and type its name; Enter ends it. Click two keypoints to join them.</source>
        <translation>单击关键点所在的位置并输入名称，按 Enter 结束。单击两个关键点将其连接。</translation>
    </message>
    <message>
        <source>Click two keypoints to join them, or to part them; with Shift go on from the second. The wheel zooms, the middle button moves.</source>
        <translation>单击两个关键点将其连接或断开；按住 Shift 则从第二个点继续。滚轮缩放，中键移动。</translation>
    </message>
    <message>
        <source>Removed: {0}; {1} labels are kept, and return with the name.</source>
        <translation>已移除：{0}；保留 {1} 个标注，恢复同名关键点时会回来。</translation>
    </message>
    <message>
        <source>Removed: {0}.</source>
        <translation>已移除：{0}。</translation>
    </message>
    <message>
        <source>Back: {0} with {1} labels.</source>
        <translation>已恢复：{0}，带 {1} 个标注。</translation>
    </message>
    <message>
        <source>Renamed: {0}.</source>
        <translation>已重命名：{0}。</translation>
    </message>
    <message>
        <source>{0} keypoints, {1} edges, {2} mirrored pairs.</source>
        <translation>{0} 个关键点，{1} 条连线，{2} 个镜像对。</translation>
    </message>
    <message>
        <source>Colour of the keypoint</source>
        <translation>关键点的颜色</translation>
    </message>
</context>
<context>
    <name>SkeletonPicture</name>
    <message>
        <source>Picture of the skeleton</source>
        <translation>骨架示意图</translation>
    </message>
</context>
<context>
    <name>SkeletonPreview</name>
    <message>
        <source>Picture of the skeleton; click two keypoints to join them</source>
        <translation>骨架示意图；单击两个关键点将其连接</translation>
    </message>
    <message>
        <source>No keypoint yet</source>
        <translation>还没有关键点</translation>
    </message>
</context>
<context>
    <name>SkeletonTable</name>
    <message>
        <source>Keypoints of the skeleton</source>
        <translation>骨架的关键点</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Restart engine</source>
        <translation>重启引擎</translation>
    </message>
    <message>
        <source>Engine ready on {0}</source>
        <translation>引擎在 {0} 上就绪</translation>
    </message>
    <message>
        <source>Engine starting…</source>
        <translation>引擎正在启动…</translation>
    </message>
    <message>
        <source> · no trained model yet: label some images, then Train</source>
        <translation> · 还没有训练好的模型：请先标注一些图像，然后训练</translation>
    </message>
    <message>
        <source>Engine on {0} · loading {1}…</source>
        <translation>引擎在 {0} 上 · 正在加载 {1}…</translation>
    </message>
    <message>
        <source>Engine on {0} · {1} · {2} · predicting…</source>
        <translation>引擎在 {0} 上 · {1} · {2} · 正在预测…</translation>
    </message>
    <message>
        <source>Engine stopped: {0}</source>
        <translation>引擎已停止：{0}</translation>
    </message>
    <message>
        <source>Engine not running</source>
        <translation>引擎未运行</translation>
    </message>
    <message>
        <source>Training: {0:.0f} %, {1} to go</source>
        <translation>训练：{0:.0f} %，还需 {1}</translation>
    </message>
    <message>
        <source>Training…</source>
        <translation>正在训练…</translation>
    </message>
    <message>
        <source>{0} × {1} pixels, shown at 1/{2:.0f}</source>
        <translation>{0} × {1} 像素，以 1/{2:.0f} 显示</translation>
    </message>
    <message>
        <source>The image is too large to be shown whole. Positions are in its own pixels.</source>
        <translation>图像过大，无法整幅显示。位置以其自身的像素计。</translation>
    </message>
</context>
<context>
    <name>SubjectModel</name>
    <message>
        <source>Subject</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Labelled</source>
        <translation>已标注</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Double click: name it, the same in every image</source>
        <translation>双击：为其命名，在每张图像中相同</translation>
    </message>
</context>
<context>
    <name>SubjectTable</name>
    <message>
        <source>Subjects of the open image</source>
        <translation>当前图像的对象</translation>
    </message>
    <message>
        <source>&amp;Name…</source>
        <translation>命名(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Merge</source>
        <translation>合并(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>删除(&amp;D)</translation>
    </message>
</context>
<context>
    <name>SubjectVerbs</name>
    <message>
        <source>&amp;Subject</source>
        <translation>对象(&amp;S)</translation>
    </message>
    <message>
        <source>Accept this &amp;keypoint only</source>
        <translation>只接受此关键点(&amp;K)</translation>
    </message>
    <message>
        <source>Accept all &amp;sure keypoints</source>
        <translation>接受所有可靠的关键点(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Visible</source>
        <translation>可见(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Occluded</source>
        <translation>遮挡(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Not labelled</source>
        <translation>未标注(&amp;N)</translation>
    </message>
    <message>
        <source>Exchange &amp;left and right</source>
        <translation>交换左右(&amp;L)</translation>
    </message>
    <message>
        <source>Exchange the li&amp;mb with the other side&apos;s</source>
        <translation>与另一侧交换肢体(&amp;M)</translation>
    </message>
    <message>
        <source>Exchange the &amp;pair of this keypoint</source>
        <translation>交换此关键点的一对(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Duplicate</source>
        <translation>创建副本(&amp;D)</translation>
    </message>
    <message>
        <source>Spl&amp;it off the chosen keypoints</source>
        <translation>拆出所选的关键点(&amp;L)</translation>
    </message>
    <message>
        <source>M&amp;erge with the nearest</source>
        <translation>与最近的合并(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>P&amp;aste</source>
        <translation>粘贴(&amp;A)</translation>
    </message>
    <message>
        <source>Paste on the ne&amp;xt images…</source>
        <translation>粘贴到其后的图像(&amp;X)…</translation>
    </message>
    <message>
        <source>Copy f&amp;rom the previous image</source>
        <translation>从上一张图像复制(&amp;R)</translation>
    </message>
    <message>
        <source>Copy from the next ima&amp;ge</source>
        <translation>从下一张图像复制(&amp;G)</translation>
    </message>
    <message>
        <source>Interpolate to the next la&amp;bel</source>
        <translation>插值到下一个标注(&amp;B)</translation>
    </message>
    <message>
        <source>Interpolate, following the p&amp;ixels</source>
        <translation>插值，并跟随像素(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Follow forward until it drifts</source>
        <translation>向后跟踪直到漂移(&amp;F)</translation>
    </message>
    <message>
        <source>S&amp;wap identities from here on</source>
        <translation>从此处起交换身份(&amp;W)</translation>
    </message>
    <message>
        <source>Paste on the next images</source>
        <translation>粘贴到其后的图像</translation>
    </message>
    <message>
        <source>On how many images, this one and those after it in the list?</source>
        <translation>在多少张图像上，包括这一张和列表中其后的？</translation>
    </message>
</context>
<context>
    <name>Subjects</name>
    <message>
        <source>Draw skeleton</source>
        <translation>绘制骨架</translation>
    </message>
    <message>
        <source>Draw box</source>
        <translation>绘制框</translation>
    </message>
    <message>
        <source>No keypoint of this annotation is labelled.</source>
        <translation>此标注没有已标注的关键点。</translation>
    </message>
    <message>
        <source>Place keypoints first: {0}.</source>
        <translation>请先放置关键点：{0}。</translation>
    </message>
    <message>
        <source>Fit box</source>
        <translation>贴合框</translation>
    </message>
    <message>
        <source>Remove box</source>
        <translation>移除框</translation>
    </message>
    <message>
        <source>Delete annotation</source>
        <translation>删除标注</translation>
    </message>
    <message>
        <source>Delete {0} annotations</source>
        <translation>删除 {0} 个标注</translation>
    </message>
    <message>
        <source>Duplicate annotation</source>
        <translation>创建标注副本</translation>
    </message>
    <message>
        <source>Choose the keypoints that belong to another subject, but not all.</source>
        <translation>请选择属于另一个对象的关键点，但不要全选。</translation>
    </message>
    <message>
        <source>Shift + click chooses one, Shift + drag all in a frame.</source>
        <translation>Shift + 单击选择一个，Shift + 拖动选择框内全部。</translation>
    </message>
    <message>
        <source>Split annotation</source>
        <translation>拆分标注</translation>
    </message>
    <message>
        <source>There is no other annotation here to merge with.</source>
        <translation>这里没有可与之合并的其他标注。</translation>
    </message>
    <message>
        <source>Merging makes one subject of two halves.</source>
        <translation>合并会把两半变成一个对象。</translation>
    </message>
    <message>
        <source>Merge annotations</source>
        <translation>合并标注</translation>
    </message>
    <message>
        <source>Another annotation of this image is called {0} already.</source>
        <translation>此图像中已有另一个标注叫 {0}。</translation>
    </message>
    <message>
        <source>Swap the two identities, or choose another name.</source>
        <translation>请交换两个身份，或选择其他名称。</translation>
    </message>
    <message>
        <source>Name {0}</source>
        <translation>命名 {0}</translation>
    </message>
    <message>
        <source>Remove the name</source>
        <translation>移除名称</translation>
    </message>
    <message>
        <source>No keypoint with a position is selected.</source>
        <translation>没有选中有位置的关键点。</translation>
    </message>
    <message>
        <source>Click one first.</source>
        <translation>请先单击一个。</translation>
    </message>
    <message>
        <source>{0} keypoints</source>
        <translation>{0} 个关键点</translation>
    </message>
    <message>
        <source>Exchange left and right</source>
        <translation>交换左右</translation>
    </message>
    <message>
        <source>Exchange left and right limb</source>
        <translation>交换左右肢</translation>
    </message>
    <message>
        <source>Exchange left and right keypoint</source>
        <translation>交换左右关键点</translation>
    </message>
    <message>
        <source>There is no other side to exchange this with.</source>
        <translation>没有可与之交换的另一侧。</translation>
    </message>
    <message>
        <source>Select a keypoint of the left or right, or say the pairs in the skeleton.</source>
        <translation>请选择左侧或右侧的关键点，或在骨架中指明配对。</translation>
    </message>
    <message>
        <source>No annotation is selected.</source>
        <translation>没有选中标注。</translation>
    </message>
    <message>
        <source>Click one first, or press Tab.</source>
        <translation>请先单击一个，或按 Tab。</translation>
    </message>
</context>
<context>
    <name>TemplateTool</name>
    <message>
        <source>Drag a frame for the whole skeleton: to the left mirrors it; with Ctrl it lies along the drag, from its top to its bottom. Escape ends.</source>
        <translation>为整个骨架拖出一个框：向左拖为镜像；按住 Ctrl 则沿拖动方向，从上端到下端。Esc 结束。</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>No later frame has labels.</source>
        <translation>此后没有已标注的帧。</translation>
    </message>
    <message>
        <source>No earlier frame has labels.</source>
        <translation>此前没有已标注的帧。</translation>
    </message>
</context>
<context>
    <name>TimelineView</name>
    <message>
        <source>Video</source>
        <translation>视频</translation>
    </message>
    <message>
        <source>frame {0}</source>
        <translation>第 {0} 帧</translation>
    </message>
    <message>
        <source>labelled</source>
        <translation>已标注</translation>
    </message>
    <message>
        <source>score {0:.2f}</source>
        <translation>得分 {0:.2f}</translation>
    </message>
    <message>
        <source>{0} of {1} frames here, {2} labelled</source>
        <translation>此处有 {0} / {1} 帧，已标注 {2}</translation>
    </message>
</context>
<context>
    <name>ToolVerbs</name>
    <message>
        <source>&amp;Tools</source>
        <translation>工具(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Draw a whole skeleton</source>
        <translation>绘制整个骨架(&amp;D)</translation>
    </message>
    <message>
        <source>Move, &amp;turn and scale</source>
        <translation>移动、旋转和缩放(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>测量(&amp;M)</translation>
    </message>
    <message>
        <source>Draw or edit the &amp;box</source>
        <translation>绘制或编辑框(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Fit the box to the keypoints</source>
        <translation>使框贴合关键点(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Remove the box</source>
        <translation>移除框(&amp;R)</translation>
    </message>
    <message>
        <source>No annotation is selected.</source>
        <translation>没有选中标注。</translation>
    </message>
    <message>
        <source>Click one first, or press Tab.</source>
        <translation>请先单击一个，或按 Tab。</translation>
    </message>
</context>
<context>
    <name>Training</name>
    <message>
        <source>The best model so far is kept.</source>
        <translation>目前最好的模型已保留。</translation>
    </message>
    <message>
        <source>There was no model to keep yet.</source>
        <translation>还没有可保留的模型。</translation>
    </message>
    <message>
        <source>The training ended early: {0}.</source>
        <translation>训练提前结束：{0}。</translation>
    </message>
    <message>
        <source>{0} Your labels are safe; press Train to start again.</source>
        <translation>{0}你的标注是安全的；按“训练”重新开始。</translation>
    </message>
</context>
<context>
    <name>TrainingPanel</name>
    <message>
        <source>Minutes of training</source>
        <translation>训练分钟数</translation>
    </message>
    <message>
        <source> min</source>
        <translation> 分钟</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Head: what the network learns</source>
        <translation>输出头：网络学习的目标</translation>
    </message>
    <message>
        <source> (changed)</source>
        <translation> （已修改）</translation>
    </message>
    <message>
        <source>Augmentation: {0}{1}…</source>
        <translation>数据增强：{0}{1}…</translation>
    </message>
    <message>
        <source>How far training samples may differ from what was labelled. {0}</source>
        <translation>训练样本可以与所标注的内容相差多少。{0}</translation>
    </message>
    <message>
        <source>{0} of {1} images are labelled{2}.</source>
        <translation>已标注 {0} / {1} 张图像{2}。</translation>
    </message>
    <message>
        <source>Open a project to train on its labels.</source>
        <translation>打开一个项目，用其标注进行训练。</translation>
    </message>
    <message>
        <source> {0} or more make a useful start.</source>
        <translation> 有 {0} 张以上才是有用的开端。</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Stop, and keep the best model so far ({0})</source>
        <translation>停止，并保留目前最好的模型 ({0})</translation>
    </message>
    <message>
        <source>Learn from the labels in the background ({0})</source>
        <translation>在后台从标注中学习 ({0})</translation>
    </message>
    <message>
        <source>Continue {0}</source>
        <translation>继续 {0}</translation>
    </message>
    <message>
        <source>It was broken off after {0} steps; it goes on as it was started.</source>
        <translation>它在 {0} 步后中断；将按当初的设置继续。</translation>
    </message>
    <message>
        <source>{0} to learn from</source>
        <translation>{0} 张用于学习</translation>
    </message>
    <message>
        <source>{0} for validation</source>
        <translation>{0} 张用于验证</translation>
    </message>
    <message>
        <source>{0} for a test</source>
        <translation>{0} 张用于测试</translation>
    </message>
    <message>
        <source>{0} not divided yet</source>
        <translation>{0} 张尚未划分</translation>
    </message>
    <message>
        <source>: </source>
        <translation>：</translation>
    </message>
    <message>
        <source>The training engine is starting…</source>
        <translation>训练引擎正在启动…</translation>
    </message>
    <message>
        <source>Stopping; the best model so far is kept.</source>
        <translation>正在停止；目前最好的模型会保留。</translation>
    </message>
    <message>
        <source>Reading the images…</source>
        <translation>正在读取图像…</translation>
    </message>
    <message>
        <source> Best error so far {0:.1f} px.</source>
        <translation> 目前最小误差 {0:.1f} px。</translation>
    </message>
    <message>
        <source>Step {0}, {1} to go.</source>
        <translation>第 {0} 步，还需 {1}。</translation>
    </message>
    <message>
        <source>Training runs beside your work; you can go on labelling.</source>
        <translation>训练在你工作的同时进行；你可以继续标注。</translation>
    </message>
    <message>
        <source>About {0} steps in this time. {1}</source>
        <translation>这段时间约 {0} 步。{1}</translation>
    </message>
    <message>
        <source>{0} finished after {1}.</source>
        <translation>{0} 在 {1}后完成。</translation>
    </message>
    <message>
        <source>{0} was stopped after {1}; its best is kept.</source>
        <translation>{0} 在 {1}后停止；其最好的模型已保留。</translation>
    </message>
    <message>
        <source>{0} failed after {1}.</source>
        <translation>{0} 在 {1}后失败。</translation>
    </message>
    <message>
        <source> Median validation error {0:.1f} px.</source>
        <translation> 验证误差中位数 {0:.1f} px。</translation>
    </message>
</context>
<context>
    <name>TransformTool</name>
    <message>
        <source>Drag inside to move, a corner to scale (Shift keeps the proportions), the knob to turn (Shift: steps of 15°). Escape ends.</source>
        <translation>在内部拖动为移动，拖动角为缩放（Shift 保持比例），拖动圆钮为旋转（Shift：每步 15°）。Esc 结束。</translation>
    </message>
</context>
<context>
    <name>VideoVerbs</name>
    <message>
        <source>&amp;Go</source>
        <translation>转到(&amp;G)</translation>
    </message>
    <message>
        <source>Video: next frame</source>
        <translation>视频：下一帧</translation>
    </message>
    <message>
        <source>Video: previous frame</source>
        <translation>视频：上一帧</translation>
    </message>
    <message>
        <source>Video: ten frames on</source>
        <translation>视频：前进十帧</translation>
    </message>
    <message>
        <source>Video: ten frames back</source>
        <translation>视频：后退十帧</translation>
    </message>
    <message>
        <source>Video: next labelled frame</source>
        <translation>视频：下一个已标注的帧</translation>
    </message>
    <message>
        <source>Video: previous labelled frame</source>
        <translation>视频：上一个已标注的帧</translation>
    </message>
</context>
<context>
    <name>ViewVerbs</name>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Fit image</source>
        <translation>适应图像(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Zoom to the subject, from image to image</source>
        <translation>逐图像缩放到对象(&amp;Z)</translation>
    </message>
    <message>
        <source>Show &amp;heatmap</source>
        <translation>显示热图(&amp;H)</translation>
    </message>
    <message>
        <source>Heatmap of &amp;all keypoints</source>
        <translation>所有关键点的热图(&amp;A)</translation>
    </message>
    <message>
        <source>Show &amp;predictions</source>
        <translation>显示预测(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Tags on subjects</source>
        <translation>对象标牌(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Next panel</source>
        <translation>下一个面板(&amp;N)</translation>
    </message>
    <message>
        <source>Pre&amp;vious panel</source>
        <translation>上一个面板(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Compare with the previous image</source>
        <translation>与上一张图像比较(&amp;C)</translation>
    </message>
    <message>
        <source>Adjusted &amp;view, or as it is</source>
        <translation>调整后的视图或原样(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Reset the adjusted view</source>
        <translation>重置调整后的视图(&amp;R)</translation>
    </message>
    <message>
        <source>The view is not adjusted: the panel “View” has the sliders.</source>
        <translation>视图未作调整：滑块在“视图”面板中。</translation>
    </message>
</context>
<context>
    <name>WelcomeView</name>
    <message>
        <source>Label keypoints with a model that learns as you go</source>
        <translation>用边标注边学习的模型来标注关键点</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>New project…</source>
        <translation>新建项目…</translation>
    </message>
    <message>
        <source>Open a project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>Or drop a folder of images or a video here.</source>
        <translation>也可以把图像文件夹或视频拖到这里。</translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation>最近的项目</translation>
    </message>
    <message>
        <source>Take {0} off this list; the file stays</source>
        <translation>从列表中移除 {0}；文件不受影响</translation>
    </message>
    <message>
        <source>{0}  ·  not found in {1}</source>
        <translation>{0}  ·  在 {1} 中未找到</translation>
    </message>
</context>
<context>
    <name>WindowVerbs</name>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>跟随系统(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>浅色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>深色(&amp;D)</translation>
    </message>
    <message>
        <source>Go to a &amp;panel</source>
        <translation>转到面板(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>{0} is not in {1} any more.</source>
        <translation>{0} 已不在 {1} 中。</translation>
    </message>
    <message>
        <source>Connect its disk again, or open it where it is now: File ▸ Open project…</source>
        <translation>请重新连接其磁盘，或在它现在的位置打开：文件 ▸ 打开项目…</translation>
    </message>
    <message>
        <source>Drawing the demo…</source>
        <translation>正在绘制演示…</translation>
    </message>
    <message>
        <source>{0} images were found again.</source>
        <translation>已重新找到 {0} 张图像。</translation>
    </message>
    <message>
        <source>None of the missing images is in {0}.</source>
        <translation>{0} 中没有任何缺失的图像。</translation>
    </message>
    <message>
        <source>Choose the folder that holds the image files themselves.</source>
        <translation>请选择直接存放图像文件的文件夹。</translation>
    </message>
    <message>
        <source>That was the last image of the list.</source>
        <translation>这是列表中的最后一张图像。</translation>
    </message>
    <message>
        <source>There is no folder to look in.</source>
        <translation>没有可查找的文件夹。</translation>
    </message>
    <message>
        <source>Import a folder of images first: {0}.</source>
        <translation>请先导入图像文件夹：{0}。</translation>
    </message>
    <message>
        <source>Open a project, or make a new one: {0}.</source>
        <translation>请打开或新建一个项目：{0}。</translation>
    </message>
    <message>
        <source>No project is open into which this could be imported.</source>
        <translation>没有打开的项目可供导入。</translation>
    </message>
    <message>
        <source>Imported {0} images and {1} annotations.</source>
        <translation>已导入 {0} 张图像和 {1} 个标注。</translation>
    </message>
    <message>
        <source>{0} of {1} images are not where they were.</source>
        <translation>{1} 张图像中有 {0} 张不在原处。</translation>
    </message>
    <message>
        <source>Their labels are safe. Choose File ▸ Relocate images…</source>
        <translation>它们的标注是安全的。请选择 文件 ▸ 重新定位图像…</translation>
    </message>
</context>
</TS>
